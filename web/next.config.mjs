/** A static export: the hub embeds `out/` and serves it; nothing runs on a server of Node's. */
/** @type {import("next").NextConfig} */
const config = {
  output: "export",
  trailingSlash: true,
  reactStrictMode: true,
  images: { unoptimized: true },
  poweredByHeader: false,
};

export default config;
