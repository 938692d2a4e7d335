// Lint rules: strict types, hooks, accessible markup, and network access only in lib/api.
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const NETWORK = ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"].map((name) => ({
  name,
  message: "Only lib/api talks to the gateway.",
}));

export default tseslint.config(
  { ignores: [".next/", "out/", "public/sound/", "next-env.d.ts", "lib/api/schema.ts", "**/*.mjs"] },
  tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat["recommended-latest"],
  {
    rules: {
      "max-lines": ["error", 300],
      "no-restricted-globals": ["error", ...NETWORK],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  { files: ["lib/api/**", "tests/**"], rules: { "no-restricted-globals": "off" } },
);
