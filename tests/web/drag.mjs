// Drives the calendar in a real browser: logs in, drags a service onto a day, uses the form without a script, and takes
// pictures. Run by the test `a_service_is_dragged_onto_a_day`, which says where the page and playwright-core are.
import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";

const [url, token, day, playwright, pictures] = process.argv.slice(2);
const { chromium } = createRequire(`${playwright}/`)("playwright-core");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
});

const complaints = [];
const open = async (options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  // Hints of the browser's developers are no complaints.
  const wrong = (message) => ["error", "warning"].includes(message.type());
  page.on("console", (message) => wrong(message) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${url}/login?next=%2Fcalendar`);
  await page.fill("#token", token);
  await page.click("button[type=submit]");
  await page.waitForURL("**/calendar");
  return page;
};
const check = (what, holds) => {
  if (!holds) throw new Error(what);
};

// By the mouse.
let page = await open({ viewport: { width: 1280, height: 1000 } });
await page.goto(`${url}/calendar?day=${day}`);
const before = await page.locator(`td[data-date="${day}"] .due li`).count();
await page.dragAndDrop('[data-node="web"]', `td[data-date="${day}"] .date`);
await page.locator(`td[data-date="${day}"] .due li`).nth(before).waitFor();
check("it is where it was dropped", (await page.locator(`td[data-date="${day}"]`).innerText()).includes("03:00 web"));

// By the keyboard, through the form.
await page.focus("#time");
await page.keyboard.type("0445AM");
await page.focus("#repeat");
await page.keyboard.press("ArrowDown");
await page.keyboard.press("Tab");
await page.keyboard.press("Enter");
await page.locator(`td[data-date="${day}"] .due li`).nth(before + 1).waitFor();
check("the form places", (await page.locator(`td[data-date="${day}"]`).innerText()).includes("04:45"));

// Without a script: read, place by the form, approve.
page = await open({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
await page.goto(`${url}/calendar?day=${day}`);
await page.selectOption("#node", "payments");
await page.fill("#time", "05:15");
await page.click("#place button");
check("the form places without a script", (await page.locator(`td[data-date="${day}"]`).innerText()).includes("05:15"));
await page.locator(`td[data-date="${day}"] form button`).first().click();
await page.goto(`${url}/actions`);
await page.getByRole("button", { name: "Approve" }).click();
check("approving leads back", page.url() === `${url}/actions`);

if (pictures) {
  mkdirSync(pictures, { recursive: true });
  for (const [width, height] of [[1280, 1000], [390, 844]]) {
    for (const colorScheme of ["light", "dark"]) {
      page = await open({ viewport: { width, height }, colorScheme });
      for (const [name, path] of [["month", `/calendar?day=${day}`], ["week", `/calendar?day=${day}&view=week`], ["actions", "/actions"]]) {
        await page.goto(url + path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(`${name} is ${wide} too wide at ${width}`, wide <= 0);
        await page.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  }
}
check(`complaints: ${complaints.join("; ")}`, complaints.length === 0);
await browser.close();
