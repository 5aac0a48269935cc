/** Past sessions of this browser: opened again, deleted, or all cleared. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { queryClient } from "../api/queries";
import { Answered } from "../ui/Answered";
import { Button } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import { ago } from "../ui/format";
import { Empty, Failure } from "../ui/telling";
import * as history from "./history";
import type { Bench } from "./state";

interface Props {
  onClose: () => void;
  onOpen: (bench: Bench) => void;
}

const TITLES = ["workbench", "history"];

export function HistoryDialog({ onClose, onOpen }: Props) {
  const titles = useQuery({ queryKey: TITLES, queryFn: history.list, staleTime: 0, gcTime: 0, retry: false });
  const again = () => queryClient.invalidateQueries({ queryKey: TITLES });
  const opened = useMutation({
    mutationFn: history.open,
    onSuccess: (bench) => {
      if (bench !== null) onOpen(bench);
      onClose();
    },
  });
  const removed = useMutation({ mutationFn: history.remove, onSettled: again });
  const cleared = useMutation({ mutationFn: history.clear, onSettled: again });
  return (
    <Dialog onClose={onClose} open title="History">
      <p className="small muted">The last 50 sessions. They are kept in this browser only.</p>
      <Answered query={titles}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="There are no sessions yet.">What you ask here is kept in this browser.</Empty>
          ) : (
            <>
              <ul className="sessions">
                {found.map(({ id, title, models, savedAtMs }) => (
                  <li className="session" key={id}>
                    <button className="session-open" onClick={() => opened.mutate(id)} type="button">
                      <strong>{title}</strong>
                      <span className="faint small">
                        {models.join(", ")} · {ago(savedAtMs)}
                      </span>
                    </button>
                    <Button
                      aria-label={`Delete “${title}”`}
                      kind="quiet"
                      onClick={() => removed.mutate(id)}
                      small
                    >
                      Delete
                    </Button>
                  </li>
                ))}
              </ul>
              <div className="row">
                <Button kind="danger" onClick={() => cleared.mutate()} small>
                  Delete all
                </Button>
              </div>
            </>
          )
        }
      </Answered>
      {opened.isError && <Failure error={opened.error} />}
    </Dialog>
  );
}
