"use client";

import { Button } from "@/components/controls/Button";
import { Icon } from "@/components/controls/Icon";

/** Dark to light and back; from then on the choice holds, whatever the system says. */
function turn(): void {
  const { documentElement: page } = document;
  const isDark = getComputedStyle(page).colorScheme === "light dark"
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : page.dataset.theme === "dark";
  page.dataset.theme = isDark ? "light" : "dark";
  localStorage.setItem("ostinato.theme", page.dataset.theme);
  dispatchEvent(new Event("themechange"));
}

export function Theme() {
  return (
    <Button kind="quiet" onClick={turn} aria-label="Switch between dark and light">
      <Icon name="contrast" />
    </Button>
  );
}
