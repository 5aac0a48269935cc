/** The list of a page's sections beside it, with the one that is read marked. */
import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { SectionData } from "./sections";

export function Contents({ sections }: { sections: readonly SectionData[] }) {
  const current = useCurrent(sections);
  return (
    <nav aria-label="On this page" className="contents">
      <ul className="contents-list">
        {sections.map(({ id, title }) => (
          <li key={id}>
            <Link
              className="contents-link"
              aria-current={id === current ? "location" : undefined}
              to={`#${id}`}
            >
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The last section that begins in the upper third of the window or above it. */
function useCurrent(sections: readonly SectionData[]): string | undefined {
  const [current, setCurrent] = useState(sections[0]?.id);
  useEffect(() => {
    const look = () => {
      const begun = sections.filter(({ id }) => {
        const element = document.getElementById(id);
        return element !== null && element.getBoundingClientRect().top < innerHeight / 3;
      });
      setCurrent((begun.at(-1) ?? sections[0])?.id);
    };
    const observer = new IntersectionObserver(look, { rootMargin: "0px 0px -66% 0px" });
    for (const { id } of sections) {
      const element = document.getElementById(id);
      if (element !== null) observer.observe(element);
    }
    return () => observer.disconnect();
  }, [sections]);
  return current;
}
