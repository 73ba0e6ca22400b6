import { expect, it } from "vitest";
import { drawsWithoutCard } from "./graphics";

it.each([
  "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
  "Mesa/X.org, llvmpipe (LLVM 15.0.6, 256 bits)",
  "ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0)",
])("the processor draws for %s", (renderer) => {
  expect(drawsWithoutCard(renderer)).toBe(true);
});

it.each([
  "ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)",
  "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)",
  "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)",
  "WebKit WebGL",
])("a card draws for %s", (renderer) => {
  expect(drawsWithoutCard(renderer)).toBe(false);
});
