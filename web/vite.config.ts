/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` serves the application from its sources and asks a running hub for the rest.
const HUB = process.env.ENTREPOT_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/entrepot/web",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy lets no data: script or font in
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500, // tests/web weighs what is loaded at first
  },
  server: { proxy: { "^/(v1|api|models/.*\\.md|llms|openapi)": { target: HUB, changeOrigin: true } } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
