// Static export: the gateway serves the files, so no Node.js server is needed.
import type { NextConfig } from "next";

const config: NextConfig = {
  output: "export",
  trailingSlash: true,
  reactStrictMode: true,
  eslint: { ignoreDuringBuilds: true }, // `npm run check` runs eslint
};

export default config;
