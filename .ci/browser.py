"""Checks pages in a headless browser: browser.py FOLDER NAME ... with NAME.html and NAME.json in FOLDER."""

import html.parser
import json
import os
import pathlib
import subprocess
import sys
import tempfile

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
).split()
WIDTHS = (360, 1440)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

# Runs in the copy: opens the page in frames of each width, with its details closed and open, and writes what it finds.
MEASURE = """
const page = JSON.parse(document.getElementById('page').textContent);
const report = [];
async function frame(width) {
  const f = document.createElement('iframe');
  f.style.cssText = `border:0;width:${width}px;height:3000px`;
  const loaded = new Promise(done => { f.onload = done; });
  f.srcdoc = page;
  document.body.append(f);
  await loaded;
  for (const open of [false, true]) {
    for (const d of f.contentDocument.querySelectorAll('details')) d.open = open;
    measure(f, width, open);
  }
  f.remove();
}
function measure(f, width, open) {
  const doc = f.contentDocument, root = doc.documentElement;
  const where = `${width} px, details ${open ? 'open' : 'closed'}`;
  if (root.scrollWidth > root.clientWidth) report.push(`${where}: scrolls sideways, ${root.scrollWidth} > ${root.clientWidth}`);
  const boxes = [];
  const walk = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.textContent.trim(), parent = node.parentElement;
    if (!text || !parent.checkVisibility() || ['title', 'desc', 'style', 'script'].includes(parent.localName)) continue;
    const range = doc.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) if (r.width > 0 && r.height > 0) boxes.push({ r, node, text });
  }
  report.push(`${where}: ${boxes.length} boxes`);
  boxes.sort((a, b) => a.r.top - b.r.top);
  for (let i = 0; i < boxes.length; i++) {
    const a = boxes[i];
    if (a.r.left < -1 || a.r.right > width + 1) {
      if (!a.node.parentElement.closest('.scroll')) report.push(`${where}: outside: ${a.text}`);
    }
    for (let j = i + 1; j < boxes.length && boxes[j].r.top < a.r.bottom - 1; j++) {
      const b = boxes[j];
      const x = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      const y = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
      if (x > 1 && y > 1) report.push(`${where}: overlap ${x.toFixed(1)} x ${y.toFixed(1)}: "${a.text}" and "${b.text}"`);
    }
  }
}
(async () => {
  for (const width of WIDTHS) await frame(width);
  const pre = document.createElement('pre');
  pre.id = 'report';
  pre.textContent = JSON.stringify(report);
  document.body.replaceChildren(pre);
})();
"""


class Page(html.parser.HTMLParser):
    """What is on a page, by its attributes."""

    def __init__(self, text):
        super().__init__()
        self.items = {"data-claim": set(), "data-conflict": set(), "data-explanation": set()}
        self.policy, self.problems, self.report, self.inside = None, [], "", None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        for name, value in attrs:
            if name in self.items:
                self.items[name].add(value)
            if name.startswith("on"):
                self.problems.append(f"{name} on {tag}")
            if name in ("src", "srcset", "data", "action", "formaction"):
                self.problems.append(f"{name} on {tag}")
        if tag in ("script", "iframe", "object", "embed", "form", "link", "base", "img"):
            self.problems.append(f"element {tag}")
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given.get("content")
        if tag == "a":
            target = given.get("href", "")
            if not target.startswith("#"):
                if not target.lower().startswith(("http://", "https://")):
                    self.problems.append(f"link to {target}")
                if given.get("rel") != "noopener noreferrer":
                    self.problems.append(f"link without rel to {target}")
        if given.get("id") == "report":
            self.inside = tag

    def handle_data(self, data):
        if self.inside:
            self.report += data

    def handle_endtag(self, tag):
        if tag == self.inside:
            self.inside = None


def browse(*arguments):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [os.environ["BROWSER_BINARY"], *FLAGS, f"--user-data-dir={profile}", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=120)
    if done.returncode:
        sys.exit(f"the browser ended with {done.returncode}:\n{done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def address(path):
    return path.resolve().as_uri()


def check(folder, name):
    path = folder / f"{name}.html"
    result = json.loads((folder / f"{name}.json").read_text())
    page = Page(browse("--dump-dom", address(path)))
    problems = list(page.problems)
    if page.policy != POLICY:
        problems.append(f"policy {page.policy!r}")
    for part, items in (("claims", "claim"), ("conflicts", "conflict"), ("explanations", "explanation")):
        missing = [x["id"] for x in result[part] if x["id"] not in page.items[f"data-{items}"]]
        problems += [f"{items} {id!r} is not on the page" for id in missing]

    copy = folder / f"{name}.measured.html"
    data = json.dumps(path.read_text()).replace("<", "\\u003c")
    script = MEASURE.replace("WIDTHS", json.dumps(WIDTHS))
    copy.write_text(
        '<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">'
        f'<script type="application/json" id="page">{data}</script><script>{script}</script>'
    )
    measured = Page(browse("--virtual-time-budget=20000", "--window-size=1500,3000", "--dump-dom", address(copy)))
    if not measured.report:
        sys.exit(f"{name}: nothing was measured")
    report = json.loads(measured.report)
    sizes = [line for line in report if line.endswith(" boxes")]
    # Nothing seen is nothing checked.
    if len(sizes) != 2 * len(WIDTHS) or any(line.endswith(": 0 boxes") for line in sizes):
        problems.append(f"measured only {sizes}")
    problems += [line for line in report if line not in sizes]
    for problem in problems[:40]:
        print(f"{name}: {problem}")
    counts = ", ".join(f"{len(result[part])} {part}" for part in ("claims", "conflicts", "explanations"))
    print(f"{name}: {counts}; {'; '.join(sizes)}; {len(problems)} problems")
    return len(problems)


def shoot(folder, name):
    """Pictures to look at: on a phone (in a frame, since windows have a least width) and on a desk, light and dark."""
    for theme, extra in (("light", []), ("dark", ["--blink-settings=preferredColorScheme=0"])):
        for width, height in ((360, 3000), (1440, 2600)):
            frame = folder / "frame.html"
            frame.write_text(
                f'<!DOCTYPE html><meta name="color-scheme" content="light dark"><body style="margin:0"><iframe src="{name}.html" '
                f'style="border:0;width:{width}px;height:{height}px"></iframe>'
            )
            picture = folder / f"{name}-{width}-{theme}.png"
            browse(*extra, f"--window-size={max(width, 500)},{height}", f"--screenshot={picture}", address(frame))
            frame.unlink()


def main():
    folder = pathlib.Path(sys.argv[1])
    problems = sum(check(folder, name) for name in sys.argv[2:])
    shoot(folder, sys.argv[2])
    if problems:
        sys.exit(f"{problems} problems")


main()
