import { Menu } from "../ui/Menu";
import { setTheme, type Theme, useTheme } from "./theme";

const THEMES: readonly { theme: Theme; label: string }[] = [
  { theme: "system", label: "As the system" },
  { theme: "light", label: "Light" },
  { theme: "dark", label: "Dark" },
];

export function ThemeMenu() {
  const current = useTheme();
  return (
    <Menu
      items={THEMES.map(({ theme, label }) => ({
        label: theme === current ? `${label} ✓` : label,
        onSelect: () => setTheme(theme),
      }))}
      label="◐"
      name="Theme"
    />
  );
}
