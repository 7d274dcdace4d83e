// The official JavaScript SDK at the same work: sdk.mjs one BASE_URL TO | sdk.mjs batch BASE_URL JOBS (all promises at once).
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import OpenAI from "openai";

const [mode, baseURL, last] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "unused" });

async function ended(prompt) {
  let video = await client.videos.create({ model: "bench", prompt, seconds: "4", size: "1280x720" });
  do {
    const { data, response } = await client.videos.retrieve(video.id).withResponse();
    video = data;
    const hint = Number(response.headers.get("openai-poll-after-ms") ?? 0);
    if (video.status === "in_progress" && hint > 0) await new Promise((wake) => setTimeout(wake, hint));
  } while (video.status === "in_progress" || video.status === "queued");
  return video;
}

if (mode === "one") {
  const video = await ended("a paper boat drifts");
  const bytes = Buffer.from(await (await client.videos.downloadContent(video.id)).arrayBuffer());
  writeFileSync(last, bytes);
  console.log(createHash("sha256").update(bytes).digest("hex"));
} else {
  const jobs = Array.from({ length: Number(last) }, (_, i) => ended(`a paper boat drifts, ${i}`));
  const videos = await Promise.all(jobs);
  console.log(videos.filter((video) => video.status === "failed").length);
}
