"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

import { Icon, type IconName } from "@/components/controls/Icon";
import { useScopes } from "@/lib/api/permissions";
import type { Scope } from "@/lib/api/types";

import { ThemeToggle } from "./ThemeToggle";

const PAGES: readonly { href: string; name: string; icon: IconName; scope?: Scope }[] = [
  { href: "/", name: "Studio", icon: "note" },
  { href: "/compare/", name: "Compare", icon: "compare" },
  { href: "/batch/", name: "Batch", icon: "grid" },
  { href: "/library/", name: "Library", icon: "library" },
  { href: "/train/", name: "Train", icon: "curve", scope: "train" },
  { href: "/models/", name: "Models", icon: "models" },
];

export function Navigation() {
  const path = usePathname();
  const scopes = useScopes();
  const pages = PAGES.filter(({ scope }) => scope === undefined || scopes?.includes(scope) !== false);
  return (
    <header className="sticky top-0 z-10 border-b border-line bg-canvas">
      <div className="mx-auto flex h-14 max-w-[110rem] items-center gap-6 px-3 sm:px-6">
        <Link href="/" className="font-display text-xl italic tracking-tight">
          Ostinato
        </Link>
        <nav
          aria-label="Pages"
          className="fixed inset-x-0 bottom-0 z-10 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:static md:border-0 md:bg-transparent md:pb-0"
        >
          <ul className="flex md:gap-1">
            {pages.map(({ href, name, icon }) => (
              <li key={href} className="flex-1">
                <Link
                  href={href}
                  aria-current={path === href ? "page" : undefined}
                  className="flex flex-col items-center gap-0.5 rounded-lg px-1 py-2 text-[0.7rem] text-soft hover:text-ink aria-[current]:text-accent md:flex-row md:px-3 md:py-1.5 md:text-sm md:aria-[current]:bg-raised md:aria-[current]:text-ink"
                >
                  <Icon name={icon} className="md:hidden" />
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="ml-auto">
          <ThemeToggle />
        </div>
      </div>
    </header>
  );
}
