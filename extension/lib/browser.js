/** The browser's own interface under one name, and the files that come with the extension. */

export const api = globalThis.browser ?? globalThis.chrome;

/**
 * The parsed JSON file at `path` inside the extension. This reads the package, not a network.
 * @param {string} path
 */
export async function readFile(path) {
  const response = await fetch(api.runtime.getURL(path));
  return response.json();
}
