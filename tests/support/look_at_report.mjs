// Opens a page of a report or a comparison in Chromium as its readers do, and writes down what happened.
// node look_at_report.mjs CHROMIUM MODULES PAGE_HTML OUTPUT_FOLDER
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [chromiumPath, modules, report, output] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const DRAWN = () => document.documentElement.dataset.charts === "drawn";
const CHARTS = () => ({
  places: document.querySelectorAll("[data-chart]").length,
  drawn: document.querySelectorAll("[data-chart] > .live.drawn svg").length,
});

const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});

async function newPage(options, seen) {
  const page = await (await browser.newContext(options)).newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.complaints.push(message.text()));
  page.on("pageerror", (error) => seen.complaints.push(error.message));
  page.on("request", (request) => seen.requests.push(request.url()));
  return page;
}

async function look(width, scheme) {
  const seen = { width, scheme, complaints: [], requests: [] };
  const page = await newPage({ viewport: { width, height: 900 }, colorScheme: scheme }, seen);
  await page.goto(pathToFileURL(report).href);
  await page.waitForFunction(DRAWN, null, { timeout: 60000 });
  seen.charts = await page.evaluate(CHARTS);
  seen.page_width = await page.evaluate(() => document.documentElement.scrollWidth);
  seen.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  seen.screenshot = join(output, `${width}-${scheme}.png`);
  await page.screenshot({ path: seen.screenshot, fullPage: true });
  await page.evaluate(axe);
  const found = await page.evaluate((tags) => axe.run({ runOnly: { type: "tag", values: tags } }), WCAG);
  seen.checks_passed = found.passes.length;
  seen.violations = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 150)).join(" | ")}`);
  await page.keyboard.press("Tab");
  seen.first_stop = await page.evaluate(() => document.activeElement.textContent);
  await page.close();
  return seen;
}

// MLflow's artifact viewer shows the page of a blob in a frame that may run scripts and nothing else
async function lookInFrame() {
  const seen = { complaints: [], requests: [] };
  const page = await newPage({ viewport: { width: 1000, height: 800 } }, seen);
  await page.goto("about:blank");
  await page.evaluate((html) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.style = "width: 900px; height: 700px";
    frame.src = URL.createObjectURL(new Blob([html], { type: "text/html" }));
    document.body.append(frame);
  }, readFileSync(report, "utf8"));
  await page.waitForFunction(() => window.frames.length === 1);
  const frame = page.frames().find((one) => one !== page.mainFrame());
  await frame.waitForFunction(DRAWN, null, { timeout: 60000 });
  seen.charts = await frame.evaluate(CHARTS);
  await page.close();
  return seen;
}

// without scripts the pictures stay
async function lookWithoutScripts() {
  const seen = { complaints: [], requests: [] };
  const page = await newPage({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false }, seen);
  await page.goto(pathToFileURL(report).href);
  seen.pictures = await page.locator("[data-chart] > svg").count();
  await page.close();
  return seen;
}

async function print() {
  const seen = { complaints: [], requests: [] };
  const page = await newPage({ colorScheme: "dark" }, seen);
  await page.goto(pathToFileURL(report).href);
  await page.waitForFunction(DRAWN, null, { timeout: 60000 });
  await page.emulateMedia({ media: "print" });
  seen.background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  seen.pdf = join(output, "report.pdf");
  await page.pdf({ path: seen.pdf, format: "A4" });
  await page.close();
  return seen;
}

const looks = [];
for (const width of [390, 1280]) for (const scheme of ["light", "dark"]) looks.push(await look(width, scheme));
const result = { looks, frame: await lookInFrame(), without_scripts: await lookWithoutScripts(), print: await print() };
writeFileSync(join(output, "seen.json"), JSON.stringify(result));
await browser.close();
