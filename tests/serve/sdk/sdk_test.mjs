// The official JavaScript SDK against a running `shotwire serve`: create, poll, download, list, remix, delete, and a refusal.
//
//   shotwire serve --port 8443 &
//   SHOTWIRE_TEST_BASE_URL=https://127.0.0.1:8443/v1 \
//   SHOTWIRE_TEST_CA="$HOME/.local/state/shotwire/serve/cert.pem" \
//   node tests/serve/sdk/sdk_test.mjs
//
// SHOTWIRE_TEST_KEY is sent as the key where the server wants one. The script installs the pinned SDK with npm into a temporary
// folder, runs itself there and removes it. Exit 0: passed; 1: failed; 77: skipped, since npm cannot install the SDK here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

function runInstalled() {
  const folder = mkdtempSync(join(tmpdir(), "shotwire-sdk-"));
  try {
    for (const file of ["package.json", "sdk_test.mjs"]) copyFileSync(join(here, file), join(folder, file));
    const install = spawnSync("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (install.status !== 0) {
      console.error("skipped: npm cannot install the SDK here");
      return 77;
    }
    const env = {
      ...process.env,
      SHOTWIRE_SDK_INSTALLED: "1",
      OPENAI_BASE_URL: process.env.SHOTWIRE_TEST_BASE_URL,
      OPENAI_API_KEY: process.env.SHOTWIRE_TEST_KEY ?? "unused",
      NODE_EXTRA_CA_CERTS: process.env.SHOTWIRE_TEST_CA,
    };
    return spawnSync(process.execPath, ["sdk_test.mjs"], { cwd: folder, env, stdio: "inherit" }).status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function finished(client, id) {
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    const { data: video, response } = await client.videos.retrieve(id).withResponse();
    if (video.status === "completed" || video.status === "failed") return video;
    const hint = Number(response.headers.get("openai-poll-after-ms"));
    assert.ok(hint > 0, "an unfinished job says when to ask again");
    await new Promise((wake) => setTimeout(wake, hint));
  }
  assert.fail(`${id} did not end`);
}

async function test() {
  const { default: OpenAI, BadRequestError, NotFoundError } = await import("openai");
  const client = new OpenAI();

  const made = await client.videos.create({ model: "sora-2", prompt: "a paper boat on a pond", seconds: "4", size: "1280x720" });
  assert.equal(made.object, "video");
  assert.match(made.status, /^(queued|in_progress|completed)$/);
  assert.equal(made.seconds, "4");

  const done = await finished(client, made.id);
  assert.equal(done.status, "completed", JSON.stringify(done.error));
  assert.equal(done.progress, 100);

  const content = await client.videos.downloadContent(made.id);
  assert.equal(content.headers.get("content-type"), "video/mp4");
  const bytes = Buffer.from(await content.arrayBuffer());
  assert.equal(bytes.length, Number(content.headers.get("content-length")));
  assert.equal(bytes.subarray(4, 8).toString(), "ftyp");

  const remix = await client.videos.remix(made.id, { prompt: "the same at night" });
  assert.equal(remix.remixed_from_video_id, made.id);
  assert.equal((await finished(client, remix.id)).status, "completed");

  const ids = [];
  for await (const video of client.videos.list({ limit: 1 })) ids.push(video.id);
  assert.ok(ids.indexOf(remix.id) >= 0 && ids.indexOf(remix.id) < ids.indexOf(made.id), "the newest comes first, over pages");

  await assert.rejects(client.videos.create({ prompt: "x", size: "640x480" }), (error) => error instanceof BadRequestError && error.param === "size");

  for (const id of [remix.id, made.id]) assert.deepEqual(await client.videos.delete(id), { id, object: "video.deleted", deleted: true });
  await assert.rejects(client.videos.retrieve(made.id), NotFoundError);
  console.log("the SDK created, polled, downloaded, remixed, listed and deleted");
}

if (process.env.SHOTWIRE_SDK_INSTALLED) {
  await test();
} else if (!process.env.SHOTWIRE_TEST_BASE_URL || !process.env.SHOTWIRE_TEST_CA) {
  console.error("SHOTWIRE_TEST_BASE_URL and SHOTWIRE_TEST_CA are needed: see the top of this file");
  process.exitCode = 1;
} else {
  process.exitCode = runInstalled();
}
