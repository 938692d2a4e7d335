import type { ButtonHTMLAttributes } from "react";

const KINDS = {
  primary: "bg-accent text-on-accent font-medium hover:brightness-110",
  plain: "border border-line bg-panel hover:bg-raised",
  quiet: "hover:bg-raised",
} as const;

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: keyof typeof KINDS };

/** A button of at least 40 by 40 pixels, so that it can be touched. */
export function Button({ kind = "plain", className = "", type = "button", ...rest }: Props) {
  return (
    <button
      type={type}
      className={`inline-flex min-h-10 min-w-10 items-center justify-center gap-2 rounded-lg px-3 text-sm whitespace-nowrap disabled:cursor-not-allowed disabled:opacity-50 aria-pressed:bg-raised aria-pressed:text-accent ${KINDS[kind]} ${className}`}
      {...rest}
    />
  );
}
