// Runs before the first paint, so that a chosen theme does not flash; the policy allows no inline script.
try {
  const chosen = localStorage.getItem("entrepot.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {}
