/** How pages look: light and dark, on a wide screen and on a phone. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e6e8ea);--soft:light-dark(#5b6570,#9aa4ae);--line:light-dark(#d9dee3,#32383e);--face:light-dark(#fff,#16191c);--card:light-dark(#f6f8f9,#1e2226);--good:light-dark(#17703b,#5fd08b);--warn:light-dark(#9a5b00,#f0b35a);--bad:light-dark(#b3261e,#ff8a80);--main:light-dark(#2456a6,#8ab4f8)}
*{box-sizing:border-box}[hidden]{display:none!important}
body{margin:0;background:var(--face);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
header,main,#gone{max-width:68rem;margin:0 auto;padding:1rem 1.5rem}
header{border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:0 1rem;align-items:center;justify-content:space-between}
h1{font-size:1.25rem;margin:.2rem 0;flex-basis:100%}h2{font-size:1rem;margin:1.6rem 0 .5rem}h3{font-size:.8rem;margin:0;color:var(--soft);font-weight:600}
p{margin:.3rem 0}small,time,.none,i{color:var(--soft)}code{font-size:.85em;overflow-wrap:anywhere}a{color:var(--main)}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}.refused i,.failed i{color:var(--warn)}
.said{border-left:3px solid var(--good);padding:.4rem .8rem;background:var(--card);color:var(--ink);overflow-wrap:anywhere;white-space:pre-wrap}.said.bad{border-color:var(--bad)}.said.warn{border-color:var(--warn)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1rem;margin-top:1rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem}.card>p{font-size:1.35rem;font-variant-numeric:tabular-nums}
.bar{display:grid;grid-template-columns:5rem 1fr 14rem;gap:1rem;align-items:center;padding:.15rem 0}meter{width:100%}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600;font-size:.8rem}
ul{list-style:none;padding:0;margin:0}li{padding:.15rem 0;overflow-wrap:anywhere}
button,.button{font:inherit;padding:.35rem .9rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:inherit;cursor:pointer;text-decoration:none;display:inline-block}button:hover,.button:hover{border-color:var(--soft)}
.main{background:var(--main);border-color:var(--main);color:var(--face)}.danger{color:var(--bad)}:focus-visible{outline:2px solid var(--main);outline-offset:1px}
input,select,textarea{font:inherit;padding:.4rem .5rem;border:1px solid var(--line);border-radius:6px;background:var(--face);color:inherit;max-width:100%}
.login{max-width:26rem;margin-top:15vh}.login form{display:grid;gap:.6rem}
@media(max-width:40rem){header,main,#gone{padding:.8rem 1rem}.bar{grid-template-columns:4rem 1fr}.bar span:last-child{grid-column:2}}`;
