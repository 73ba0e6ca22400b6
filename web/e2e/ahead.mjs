// What a page shows ahead of the echo, as somebody at the keyboard sees it: observed in the page itself.

/** From now on the page notes each key, and each picture of the layer with its time. */
export const observe = (page) =>
  page.evaluate(() => {
    const layer = document.querySelector(".prediction-layer");
    const noted = { keys: [], pictures: [] };
    const picture = () => [...layer.querySelectorAll(".predicted")].map((part) => part.textContent).join("");
    new MutationObserver(() => {
      const text = picture();
      // Drawn with the frame that comes now.
      requestAnimationFrame((at) => noted.pictures.push({ text, at: Math.max(at, performance.now()) }));
    }).observe(layer, { childList: true });
    window.addEventListener("keydown", ({ key, timeStamp }) => noted.keys.push({ key, at: timeStamp }), true);
    window.noted = noted;
  });

/** What was noted since it was last asked for. */
export const noted = (page) =>
  page.evaluate(() => {
    const { keys, pictures } = window.noted;
    return { keys: keys.splice(0), pictures: pictures.splice(0) };
  });

/** How long each key took to stand on the screen: to the first picture that ends with it. */
export function delays({ keys, pictures }) {
  return keys.map(({ key, at }) => {
    const shown = pictures.find((picture) => picture.at >= at && picture.text.endsWith(key));
    return shown ? shown.at - at : Infinity;
  });
}

export const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)];
