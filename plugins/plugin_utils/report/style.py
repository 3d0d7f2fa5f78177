# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's style sheet: light and dark as the reader likes it, and on paper; text contrast is 4.5:1 or better."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #15202b; --soft: #4b5866; --line: #d5dbe2; --code: #eef1f5;
  --ok: #12692f; --ok-tint: #dff3e4; --changed: #0b5a9d; --changed-tint: #dcecfb;
  --waived: #6a3bb5; --waived-tint: #ece4fa; --attention: #855500; --attention-tint: #fff0cf;
  --unknown: #4b5866; --unknown-tint: #e7ebf0; --blocker: #b01c13; --blocker-tint: #fde3e0;
  --na: #5f6b78; --na-tint: #f1f3f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10161d; --card: #18212b; --ink: #e8edf2; --soft: #a9b6c3; --line: #33404e; --code: #0f151c;
    --ok: #7ddc98; --ok-tint: #173522; --changed: #8cc5ff; --changed-tint: #15304a;
    --waived: #cbb0ff; --waived-tint: #302449; --attention: #ffcf6b; --attention-tint: #3d2f10;
    --unknown: #b3bfcb; --unknown-tint: #2a3542; --blocker: #ff9d94; --blocker-tint: #481c19;
    --na: #98a5b3; --na-tint: #1d2732;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
main, .top, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
a { color: var(--changed); }
h1 { font-size: 2rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.25rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0 0 .5rem; }
.eyebrow { color: var(--soft); margin: 2rem 0 .25rem; }
.top { display: grid; grid-template-columns: 1fr auto; gap: 0 2rem; align-items: end; margin-bottom: 1.5rem; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: .75rem 0 0; color: var(--soft); font-size: .875rem; }
.facts div { display: flex; gap: .4rem; } .facts dt::after { content: ":"; } .facts dd { margin: 0; color: var(--ink); }
.stamp { font-size: 2rem; font-weight: 800; letter-spacing: .06em; padding: .35rem 1.25rem; border-radius: .5rem;
  border: 3px solid currentColor; white-space: nowrap; }
.stamp.go { color: var(--ok); background: var(--ok-tint); }
.stamp.no_go { color: var(--blocker); background: var(--blocker-tint); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem 1.5rem;
  margin: 0 0 1.25rem; }
.reasons { margin: 0 0 1rem; padding-left: 1.2rem; }
.share { display: flex; height: 1.25rem; border-radius: .4rem; overflow: hidden; gap: 2px; margin-bottom: .75rem; }
.share i { display: block; min-width: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; list-style: none; margin: 0; padding: 0;
    font-size: .9rem; }
.legend strong { font-size: 1.15rem; margin: 0 .25rem 0 .4rem; }
.pill { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600;
  white-space: nowrap; }
.ok { color: var(--ok); background: var(--ok-tint); } .changed { color: var(--changed); background:
    var(--changed-tint); }
.waived { color: var(--waived); background: var(--waived-tint); }
.attention { color: var(--attention); background: var(--attention-tint); }
.unknown { color: var(--unknown); background: var(--unknown-tint); }
.blocker { color: var(--blocker); background: var(--blocker-tint); }
.not_applicable { color: var(--na); background: var(--na-tint); }
i.ok { background: var(--ok); } i.changed { background: var(--changed); } i.waived { background: var(--waived); }
i.attention { background: var(--attention); } i.blocker { background: var(--blocker); }
i.unknown { background: var(--unknown); opacity: .55; } i.not_applicable { background: var(--line); }
.item { border-left: 4px solid var(--line); padding: .25rem 0 .25rem 1rem; margin: 0 0 1.25rem; }
.item:last-child { margin-bottom: 0; }
.item.blocker, .item.attention, .item.unknown, .item.changed, .item.ok, .item.waived, .item.not_applicable {
  background: none; color: inherit; border-left-color: var(--edge); }
.item.blocker { --edge: var(--blocker); } .item.attention { --edge: var(--attention); }
.item.unknown { --edge: var(--unknown); } .item.changed { --edge: var(--changed); } .item.ok { --edge: var(--ok); }
.item.waived { --edge: var(--waived); } .item.not_applicable { --edge: var(--line); }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; margin-bottom: .25rem; }
.where { color: var(--soft); font-size: .875rem; }
.next { color: var(--soft); margin: .5rem 0 .25rem; font-size: .9rem; }
code, .hash { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace;
    font-size: .85em;
  overflow-wrap: anywhere; }
.type { display: block; background: var(--code); border: 1px solid var(--line); border-radius: .4rem; padding:
    .6rem .8rem;
  white-space: pre-wrap; user-select: all; }
.scroll { overflow-x: auto; position: relative; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.matrix thead th { border-bottom: 2px solid var(--line); }
.matrix .stage th { background: var(--page); color: var(--soft); font-size: .8125rem; letter-spacing: .04em;
  text-transform: uppercase; }
.matrix tbody th { font-weight: 400; } .matrix tbody th b { margin-right: .5rem; }
.matrix { table-layout: fixed; min-width: 44rem; } .matrix thead th:first-child { width: 22rem; }
.matrix thead th { text-align: center; font-size: .9375rem; } .matrix thead th:first-child { text-align: left; }
.matrix thead .where { font-weight: 400; font-size: .8125rem; overflow-wrap: anywhere; }
.matrix td { border-left: 3px solid var(--card); text-align: center; font-weight: 600; }
.matrix td.whole, .matrix td.waiting { text-align: left; font-weight: 400; }
.ear { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.matrix td.none { color: var(--soft); background: none; }
.matrix td.waiting { background: repeating-linear-gradient(135deg, transparent 0 8px, var(--na-tint) 8px 16px);
  color: var(--soft); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { position: relative; height: 1rem; background: var(--unknown-tint); border-radius: .25rem; min-width: 10rem;
  overflow: hidden; }
.bar b { position: absolute; inset: 0 auto 0 0; background: var(--changed); }
.bar.short b { background: var(--blocker); }
details { margin: .35rem 0; } summary { cursor: pointer; color: var(--soft); font-size: .875rem; }
.evidence { width: auto; margin: .35rem 0; } .evidence th { font-weight: 400; color: var(--soft); }
.days { list-style: none; margin: 0; padding: 0; } .days > li { margin-bottom: 1rem; }
.days ol { list-style: none; margin: .25rem 0 0; padding: 0 0 0 .9rem; border-left: 2px solid var(--line); }
.days ol li { display: grid; grid-template-columns: 4rem 7rem 1fr; gap: .75rem; padding: .15rem 0; font-size: .9rem; }
.days time { font-variant-numeric: tabular-nums; color: var(--soft); }
footer { color: var(--soft); font-size: .875rem; padding-bottom: 2.5rem; }
@media (max-width: 40rem) { .top { grid-template-columns: 1fr; } .stamp { justify-self: start; margin-top: 1rem; }
  .days ol li { grid-template-columns: 4rem 1fr; } .days ol li > :last-child { grid-column: 1 / -1; } }
@media print {
  @page { margin: 15mm; }
  :root { color-scheme: light; --page: #fff; }
  body { font-size: 10.5pt; } main, .top, footer { max-width: none; padding: 0; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .75rem 0; }
  .item, tr, .days ol li { break-inside: avoid; } h2 { break-after: avoid; } .skip { display: none; }
  details::details-content { content-visibility: visible; height: auto; display: block; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
