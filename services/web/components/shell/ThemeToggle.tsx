"use client";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";

/** Switches between dark and light mode, and stores the choice, which overrides the system's. */
function toggleTheme(): void {
  const { documentElement: page } = document;
  const isDark = getComputedStyle(page).colorScheme === "light dark"
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : page.dataset.theme === "dark";
  page.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("ostinato.theme", page.dataset.theme);
  dispatchEvent(new Event("themechange"));
}

export function ThemeToggle() {
  return (
    <Button kind="quiet" onClick={toggleTheme} aria-label="Toggle dark mode">
      <Icon name="contrast" />
    </Button>
  );
}
