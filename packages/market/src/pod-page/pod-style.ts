/** How the publisher's page looks, beside what all pages have. */
export const POD_STYLE = `
header.top{gap:.3rem 1.2rem}header.top nav{display:flex;gap:.3rem;flex:1}header.top nav a{padding:.3rem .7rem;border-radius:6px;text-decoration:none;color:var(--ink)}header.top nav a[aria-current]{background:var(--card);font-weight:600}header.top form{display:flex;gap:.6rem;align-items:center;color:var(--soft)}
main>h1{font-size:1.5rem;margin:.4rem 0 .6rem;overflow-wrap:anywhere}main.narrow>*{max-width:44rem}
.badge{display:inline-block;font-size:.75rem;font-weight:600;padding:.05rem .55rem;border:1px solid currentColor;border-radius:99px;vertical-align:middle}.badge.soft{color:var(--soft)}
.pods{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(26rem,100%),1fr));gap:1rem}.pod h2{margin:.1rem 0 .5rem;font-size:1.1rem;overflow-wrap:anywhere}.card .why,.card.pod>p{font-size:1rem;overflow-wrap:anywhere}
dl{margin:0;display:grid;gap:.2rem}dl>div{display:grid;grid-template-columns:9rem 1fr;gap:.2rem 1rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.acts{margin-top:.6rem;display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}.acts label{display:flex;gap:.5rem;align-items:center;flex-wrap:wrap}label.check{flex-basis:100%}
.forms{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:1rem;align-items:start;margin-top:1.2rem}.forms h2{margin-top:.2rem}.card form p{font-size:1rem}
.fields{display:grid;gap:.7rem}.fields label{display:grid;gap:.2rem;color:var(--soft)}.fields input,.fields textarea{width:100%;color:var(--ink)}.fields button{justify-self:start}
.files li{display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:center;padding:.35rem 0;border-bottom:1px solid var(--line)}
.editor{position:relative;display:grid;grid-template-columns:auto 1fr;border:1px solid var(--line);border-radius:8px;background:var(--card);overflow:hidden}.editor:focus-within{border-color:var(--main)}
.editor textarea,.marks,.mistakes pre,.log{font:13px/1.55 ui-monospace,monospace;tab-size:2}.editor textarea{border:0;border-radius:0;outline:0;padding:.6rem .6rem;resize:none;width:100%;background:transparent;overflow-x:auto}
.marks{padding:.6rem .5rem;color:var(--soft);text-align:right;border-right:1px solid var(--line);user-select:none}.marks .bad{color:var(--bad);font-weight:700}
.note{position:absolute;right:0;max-width:55%;padding:0 .6rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font:12px/1.68 system-ui,sans-serif;background:color-mix(in srgb,var(--bad) 12%,var(--card));border-radius:4px 0 0 4px;pointer-events:none}
.mistakes{margin:.6rem 0;padding-left:1.4rem}.mistakes pre{margin:.2rem 0 .6rem;padding:.4rem .6rem;background:var(--card);border-radius:6px;overflow-x:auto}
.chart{margin:0}.chart figcaption{display:flex;flex-wrap:wrap;gap:0 .6rem;align-items:baseline}.chart h3{flex-basis:100%}.chart svg{display:block;width:100%;height:3.2rem;margin-top:.4rem}.chart polyline{fill:none;stroke:var(--main);stroke-width:1.5;vector-effect:non-scaling-stroke}.chart polygon{fill:var(--main);opacity:.14}
.log{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.6rem .8rem;min-height:4rem;max-height:24rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}.log .stderr{color:var(--warn)}.log .event{color:var(--soft);font-style:italic}.log:empty::before{content:"Nothing was written yet.";color:var(--soft)}
.steps{padding-left:1.4rem;color:var(--soft)}.steps li:last-child{color:var(--ink)}.busy::before{content:"";display:inline-block;width:.8em;height:.8em;margin-right:.5em;border:2px solid var(--line);border-top-color:var(--main);border-radius:50%;animation:turn 1s linear infinite;vertical-align:-.05em}@keyframes turn{to{transform:rotate(1turn)}}@media(prefers-reduced-motion:reduce){.busy::before{animation:none}}
details{margin-top:1.4rem}summary{cursor:pointer;color:var(--soft)}
@media(max-width:40rem){dl>div{grid-template-columns:1fr;gap:0;padding:.15rem 0}.note{display:none}.chart svg{height:2.6rem}}`;
