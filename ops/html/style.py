"""The style of a page: light and dark, a phone, and paper."""

from __future__ import annotations

SERIES = 6
"""Colours of a chart. A seventh series takes the first colour again; dashes and labels tell them apart as well."""

_LIGHT = (
    "--fg:#1b1f24;--bg:#ffffff;--soft:#4c5560;--edge:#c4ccd4;--card:#f4f6f8;--link:#0a58ca;"
    "--good:#116329;--bad:#a40e26;--warn:#7a4b00;"
    "--c0:#0b5cad;--c1:#b35900;--c2:#116329;--c3:#7b2fa8;--c4:#a40e26;--c5:#4c5560;"
)
_DARK = (
    "--fg:#e8ebee;--bg:#14181d;--soft:#aeb8c2;--edge:#3c444d;--card:#1d2329;--link:#7cb7ff;"
    "--good:#6fd18a;--bad:#ff9a95;--warn:#f0c060;"
    "--c0:#7cb7ff;--c1:#ffb066;--c2:#6fd18a;--c3:#d2a8ff;--c4:#ff9a95;--c5:#aeb8c2;"
)

STYLE = (
    f"""
:root{{color-scheme:light dark;{_LIGHT}}}
@media (prefers-color-scheme:dark){{:root{{{_DARK}}}}}
*{{box-sizing:border-box}}
body{{margin:0 auto;max-width:70rem;padding:1rem;background:var(--bg);color:var(--fg);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:break-word}}
h1{{font-size:1.6rem;line-height:1.2;margin:.5rem 0}}
h2{{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--edge)}}
h3{{font-size:1rem;margin:1rem 0 .25rem}}
a{{color:var(--link)}} nav ul{{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0}}
p,li,dd{{max-width:46rem}} .soft{{color:var(--soft)}}
dl{{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.5rem;margin:1rem 0}}
dl div{{background:var(--card);border:1px solid var(--edge);border-radius:.4rem;padding:.5rem .75rem}}
dt{{color:var(--soft);font-size:.85rem}} dd{{margin:0;font-size:1.15rem;font-weight:600}}
.scroll{{overflow-x:auto;margin:.5rem 0}} .scroll:focus-visible{{outline:2px solid var(--link)}}
table{{border-collapse:collapse;font-size:.9rem;min-width:50%}}
caption{{text-align:left;color:var(--soft);padding:.25rem 0}}
th,td{{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--edge);vertical-align:top}}
thead th{{border-bottom:2px solid var(--edge)}} tbody th{{font-weight:400}}
.n{{text-align:right;font-variant-numeric:tabular-nums}} .n,.k{{white-space:nowrap}}
.badge{{font-weight:600;white-space:nowrap}} .good{{color:var(--good)}} .bad{{color:var(--bad)}}
.warn{{color:var(--warn)}}
.note{{border-left:4px solid var(--edge);background:var(--card);padding:.5rem .75rem;margin:.75rem 0}}
.note.bad{{border-color:var(--bad);color:inherit}} .note.warn{{border-color:var(--warn);color:inherit}}
figure{{margin:1rem 0}} figcaption{{font-weight:600}}
svg{{display:block;width:100%;height:auto;max-width:46rem}} svg text{{font:12px system-ui,sans-serif;fill:var(--fg)}}
svg .soft{{fill:var(--soft)}} svg .axis{{stroke:var(--edge)}} svg .limit{{stroke:var(--bad);stroke-dasharray:6 4}}
svg .series{{fill:none;stroke-width:2}} svg .end{{text-anchor:end}} svg .mid{{text-anchor:middle}}
"""
    + "".join(f".f{index}{{fill:var(--c{index})}} .s{index}{{stroke:var(--c{index})}}\n" for index in range(SERIES))
    + f"""
@media (max-width:30rem){{body{{padding:.75rem}} th,td{{padding:.25rem .4rem}} svg text{{font-size:18px}}}}
@media print{{:root{{color-scheme:light;{_LIGHT}}} body{{max-width:none;padding:0;font-size:10pt}} nav{{display:none}}
.scroll{{overflow:visible}} table{{font-size:8pt;width:100%}} th,td{{padding:.1rem .25rem;overflow-wrap:anywhere}}
.n,.k{{white-space:normal}} h2,h3,figcaption,caption{{break-after:avoid}} svg,tr,dl div,.note{{break-inside:avoid}}
*{{print-color-adjust:exact}}}}
"""
)
