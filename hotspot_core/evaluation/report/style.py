"""The style of the report's page: for wide and narrow screens, light and dark."""

STYLE = """
:root { --ink: #1d2329; --soft: #5b6670; --line: #dfe3e7; --paper: #ffffff; --ground: #f5f6f8; --accent: #b3470a;
  --none: #8a949e; --labels: #d55e00; --saliency: #0072b2; --maps: #009e73; --external: #9b4f96; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --soft: #9aa5af; --line: #323a42; --paper: #1b2026;
  --ground: #14181c; --accent: #ff9b57; --none: #8a949e; --labels: #ff9b57; --saliency: #56b4e9; --maps: #3fcf9f;
  --external: #cc79a7; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { font-size: clamp(1.7rem, 4vw, 2.5rem); line-height: 1.15; margin: 0 0 8px; letter-spacing: -.02em; }
h2 { font-size: 1.45rem; margin: 0 0 12px; } h3 { font-size: 1.08rem; margin: 32px 0 8px; }
.eyebrow { color: var(--accent); font-weight: 600; font-size: .85rem; margin: 0 0 6px; }
nav { display: flex; flex-wrap: wrap; gap: 8px 18px; margin: 12px 0 24px; }
nav a { color: var(--accent); }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 24px; margin: 0 0
  24px; }
.lead { font-size: 1.06rem; max-width: 75ch; } .note { color: var(--soft); font-size: .88rem; max-width: 85ch; }
.scroll { overflow-x: auto; -webkit-overflow-scrolling: touch; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
.scroll > table { min-width: 100%; }
thead th { font-weight: 600; color: var(--soft); white-space: nowrap; }
th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th i { font-style: normal; color: var(--accent); }
small { color: var(--soft); font-size: .8em; font-weight: 400; }
th.name { text-align: left; font-weight: 500; position: sticky; left: 0; background: var(--paper); z-index: 1; }
tr.reference th.name, tr.reference td { background: color-mix(in srgb, var(--labels) 9%, var(--paper)); }
td small { display: block; line-height: 1.1; }
td.best { font-weight: 700; } td.best small { font-weight: 400; }
.paper { color: var(--soft); } thead .paper[colspan], thead th[colspan] { text-align: center; font-weight: 500; font-
  size: .85rem; }
.count { text-align: left; color: var(--soft); font-size: .85rem; }
td.good { color: #0a7d54; } td.bad { color: #c0392b; }
@media (prefers-color-scheme: dark) { td.good { color: #5fd6a5; } td.bad { color: #ff8a7a; } }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 8px; }
.swatch.k-none { background: var(--none); } .swatch.k-labels { background: var(--labels); }
.swatch.k-saliency { background: var(--saliency); } .swatch.k-maps { background: var(--maps); }
.swatch.k-external { background: var(--external); }
th.name:has(.swatch) { padding-left: 29px; }
.name .swatch { position: absolute; left: 10px; top: 50%; transform: translateY(-50%); margin: 0; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 0 0 6px; font-size:
  .88rem; color: var(--soft); }
.legend .first { font-weight: 600; }
svg { display: block; width: 100%; min-width: 560px; max-width: 900px; font: 13px system-ui, sans-serif; fill:
  var(--ink); }
svg .n, svg .tick { fill: var(--soft); font-size: 11px; } svg .grid { stroke: var(--line); }
svg .bar { stroke-width: 2; opacity: .55; } svg g { fill-opacity: .85; } svg g.strong { fill-opacity: 1; }
svg .k-none { fill: var(--none); stroke: var(--none); } svg .k-labels { fill: var(--labels); stroke: var(--labels); }
svg .k-saliency { fill: var(--saliency); stroke: var(--saliency); } svg .k-maps { fill: var(--maps); stroke:
  var(--maps); }
svg .k-external { fill: var(--external); stroke: var(--external); } svg circle, svg rect { stroke: var(--paper);
  stroke-width: 1; }
details { margin: 6px 0; } summary { cursor: pointer; font-weight: 500; padding: 4px 0; }
.pictures td, .pictures th { border: 0; padding: 4px; vertical-align: middle; }
.pictures th { text-align: left; font-size: .88rem; } .pictures th small { display: block; }
.pictures th.name { min-width: 110px; max-width: 150px; white-space: normal; }
.pictures img { width: 150px; height: auto; display: block; border-radius: 4px; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 16px; }
figure { margin: 0; } figure div { display: grid; grid-template-columns: 1fr 1fr; gap: 4px; align-items: start; }
figure img { width: 100%; border-radius: 4px; display: block; }
figcaption { font-size: .85rem; margin-top: 4px; overflow-wrap: anywhere; } figcaption small { display: block; }
figure.best b { color: #0a7d54; } figure.worst b { color: #c0392b; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 24px; align-items: start;
  }
.facts th { text-align: left; color: var(--soft); font-weight: 500; vertical-align: top; }
.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
@media (max-width: 640px) { header, main { padding: 0 12px; } header { padding-top: 24px; } section { padding: 16px
  14px; }
  th, td { padding: 5px 7px; } .pictures img { width: 110px; } th.name { max-width: 130px; white-space: normal; }
  .scroll { margin: 0 -14px; padding: 0 14px; } }
"""
