#!/usr/bin/env node
// Drives the wasm engine of npm's @browsermt/bergamot-translator from node.
//
//   node oracle.cjs --pkg node_modules/@browsermt/bergamot-translator \
//        --model model.bin --lex lex.s2t.bin --vocab vocab.spm [--vocab2 trg.spm] \
//        [--set max-length-break=128] [--html] [--batch] [--json] [--bench N] < lines > out.tsv
//
// One source line per input line; each is a request of its own (so that the
// shortlist, which Bergamot builds per batch, depends on that line only),
// unless --batch.  No shortlist: leave out --lex.
const fs = require('fs'), path = require('path'), vm = require('vm');
const arg = (k, d) => { const i = process.argv.indexOf('--' + k); return i < 0 ? d : process.argv[i + 1]; };
const flag = k => process.argv.includes('--' + k);

const dir = path.join(path.resolve(arg('pkg')), 'worker');
const wasm = fs.readFileSync(path.join(dir, 'bergamot-translator-worker.wasm'));
const FALLBACK = {
  int8_prepare_a: 'int8PrepareAFallback',
  int8_prepare_b: 'int8PrepareBFallback',
  int8_prepare_b_from_transposed: 'int8PrepareBFromTransposedFallback',
  int8_prepare_b_from_quantized_transposed: 'int8PrepareBFromQuantizedTransposedFallback',
  int8_prepare_bias: 'int8PrepareBiasFallback',
  int8_multiply_and_add_bias: 'int8MultiplyAndAddBiasFallback',
  int8_select_columns_of_b: 'int8SelectColumnsOfBFallback',
};

// The same in plain JavaScript, with sums that do not saturate: what the engine does on processors whose instructions do not, and over
// the whole range of int8. Matrices lie as [columns][width], unshifted.
function exact(buffer) {
  const f = Math.fround, q = (x, scale) => {
    const v = Math.min(127, Math.max(-127, f(x * f(scale))));
    return f(f(v + 12582912) - 12582912);  // 1.5 * 2^23: to even
  };
  const bytes = (at, n) => new Int8Array(buffer(), at, n), floats = (at, n) => new Float32Array(buffer(), at, n);
  const all = (from, scale, n, to) => { const x = floats(from, n), o = bytes(to, n); for (let i = 0; i < n; i++) o[i] = q(x[i], scale); };
  return {
    int8_prepare_a: (a, scale, zero, rows, width, out) => all(a, scale, rows * width, out),
    int8_prepare_b: (b, scale, zero, width, columns, out) => {
      const x = floats(b, width * columns), o = bytes(out, width * columns);
      for (let i = 0; i < width; i++) for (let j = 0; j < columns; j++) o[j * width + i] = q(x[i * columns + j], scale);
    },
    int8_prepare_b_from_transposed: (b, scale, zero, width, columns, out) => all(b, scale, width * columns, out),
    int8_prepare_b_from_quantized_transposed: (b, width, columns, out) => bytes(out, width * columns).set(bytes(b, width * columns)),
    int8_prepare_bias: (b, sa, za, sb, zb, width, columns, bias, out) => {
      const o = floats(out, columns);
      if (bias) o.set(floats(bias, columns)); else o.fill(0);
    },
    int8_multiply_and_add_bias: (a, sa, za, b, sb, zb, bias, by, rows, width, columns, out) => {
      const x = bytes(a, rows * width), w = bytes(b, width * columns), add = floats(bias, columns), o = floats(out, rows * columns);
      const unquantise = f(f(by) / f(f(sa) * f(sb)));
      for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += x[r * width + i] * w[c * width + i];
        o[r * columns + c] = f(f(f(sum) * unquantise) + add[c]);
      }
    },
    int8_select_columns_of_b: (b, width, columns, list, n, out) => {
      const w = bytes(b, width * columns), o = bytes(out, width * n), which = new Uint32Array(buffer(), list, n);
      for (let j = 0; j < n; j++) o.set(w.subarray(which[j] * width, (which[j] + 1) * width), j * width);
    },
  };
}

function load() {
  return new Promise((resolve, reject) => {
    const Module = {
      print: s => process.stderr.write(s + '\n'),
      printErr: s => process.stderr.write(s + '\n'),
      instantiateWasm(info, accept) {
        const gemm = flag('exact') ? exact(() => info.env.memory.buffer) : Object.fromEntries(Object.entries(FALLBACK).map(
          ([k, name]) => [k, (...a) => Module.asm[name](...a)]));
        WebAssembly.instantiate(wasm, { ...info, wasm_gemm: gemm })
          .then(({ instance }) => accept(instance), reject);
        return {};
      },
      onRuntimeInitialized() { resolve(Module); },
    };
    global.Module = Module;
    global.require = require;
    global.__dirname = dir;
    global.__filename = path.join(dir, 'bergamot-translator-worker.js');
    vm.runInThisContext(fs.readFileSync(global.__filename, 'utf8'), { filename: global.__filename });
  });
}

(async () => {
  const M = await load();
  const mem = (file, align) => {
    const b = file ? fs.readFileSync(file) : Buffer.alloc(0);
    const m = new M.AlignedMemory(b.length, align);
    if (b.length) m.getByteArrayView().set(b);
    return m;
  };
  const config = {
    'beam-size': 1, normalize: '1.0', 'word-penalty': 0, 'cpu-threads': 0,
    'gemm-precision': 'int8shiftAlphaAll', 'skip-cost': true, alignment: 'soft',
    quiet: true, 'quiet-translation': true, 'max-length-break': 128,
    'mini-batch-words': 1024, workspace: 128, 'max-length-factor': '2.0',
  };
  process.argv.forEach((a, i) => {
    if (a === '--set') { const [k, v] = process.argv[i + 1].split('='); config[k] = v; }
  });
  const yaml = Object.entries(config).map(([k, v]) => `${k}: ${v}`).join('\n') + '\n';
  const vocabs = new M.AlignedMemoryList();
  vocabs.push_back(mem(arg('vocab'), 64));
  if (arg('vocab2')) vocabs.push_back(mem(arg('vocab2'), 64));
  const service = new M.BlockingService({ cacheSize: 0 });
  const model = new M.TranslationModel(yaml, mem(arg('model'), 256), mem(arg('lex'), 64), vocabs, null);

  const run = lines => {
    const input = new M.VectorString(), opts = new M.VectorResponseOptions();
    for (const l of lines) {
      input.push_back(l);
      opts.push_back({ qualityScores: false, alignment: true, html: flag('html') });
    }
    const rs = service.translate(model, input, opts);
    const out = [];
    for (let i = 0; i < rs.size(); i++) {
      const r = rs.get(i), sentences = [];
      for (let s = 0; s < r.size(); s++) {
        const a = r.getSourceSentence(s), b = r.getTranslatedSentence(s);
        sentences.push([a.begin, a.end, b.begin, b.end]);  // byte ranges
      }
      out.push({ src: r.getOriginalText(), trg: r.getTranslatedText(), sentences });
      r.delete();
    }
    rs.delete(); input.delete(); opts.delete();
    return out;
  };

  const lines = fs.readFileSync(0, 'utf8').split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  if (arg('bench')) {
    run(lines.slice(0, 1));
    const t = process.cpuUsage();
    let out = [];
    const n = Number(arg('bench'));
    for (let i = 0; i < lines.length; i += n) out = out.concat(run(lines.slice(i, i + n)));
    const u = process.cpuUsage(t), s = (u.user + u.system) / 1e6;
    const words = lines.join(' ').split(/\s+/).filter(Boolean).length;
    const owords = out.map(o => o.trg).join(' ').split(/\s+/).filter(Boolean).length;
    console.log(JSON.stringify({ cpuSeconds: s, lines: lines.length, words, wordsPerSecond: words / s, outWords: owords, rssMiB: process.memoryUsage().rss / 2 ** 20 }));
  } else {
    const out = flag('batch') ? run(lines) : lines.flatMap(l => run([l]));
    for (const o of out) console.log(flag('json') ? JSON.stringify(o) : o.src + '\t' + o.trg);
  }
  process.exit(0);
})().catch(e => { console.error(e); process.exit(1); });
