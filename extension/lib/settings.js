/**
 * What is remembered on this device: the service, the language and the last task chosen. Nothing
 * about any page. What cannot be read falls back to the build's own choice.
 */

import { readService } from "./service.js";
import { LANGUAGES } from "./texts.js";

/**
 * @param {{get: Function}} storage such as `chrome.storage.local`
 * @param {{service: string}} build
 * @returns {Promise<{service: string, language: string, task: string}>} "" for none chosen
 */
export async function readSettings(storage, build) {
  let kept = {};
  try {
    kept = (await storage.get(["service", "language", "task"])) ?? {};
  } catch {
    // A profile that keeps nothing still gets an answer.
  }
  const service = typeof kept.service === "string" ? readService(kept.service) : { ok: false };
  return {
    service: service.ok ? service.service : build.service,
    language: LANGUAGES.includes(kept.language) ? kept.language : "",
    task: typeof kept.task === "string" ? kept.task : "",
  };
}
