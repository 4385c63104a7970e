//! Contestant: the crates `bpe` and `bpe-openai`, which carry the vocabulary of GPT-4o. Answers the same questions as
//! serve.mjs.

use serde_json::{json, Value};
use sha2::{Digest, Sha256};
use std::io::{BufRead, Write};
use std::time::Instant;

type Tokenizer = bpe_openai::Tokenizer;

#[derive(Default)]
struct Watch {
    seconds: f64,
    cpu: f64,
}

impl Watch {
    fn time<T>(&mut self, action: impl FnOnce() -> T) -> T {
        let (cpu, started) = (cpu_seconds(), Instant::now());
        let result = action();
        self.seconds += started.elapsed().as_secs_f64();
        self.cpu += cpu_seconds() - cpu;
        result
    }
}

fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split(' ').nth(1)?.parse::<f64>().ok())
        .unwrap_or(f64::NAN);
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash_ids(hash: &mut Sha256, ids: &[u32]) {
    hash.update((ids.len() as u32).to_le_bytes());
    for id in ids {
        hash.update(id.to_le_bytes());
    }
}

#[derive(Default)]
struct Contestant {
    tokenizer: Option<&'static Tokenizer>,
    path: String,
    slices: Vec<Vec<String>>,
}

impl Contestant {
    fn answer(&mut self, question: &Value) -> Result<Value, String> {
        match question["do"].as_str() {
            Some("load") => Ok(self.load()),
            Some("measure") => self.measure(question),
            Some("digest") => self.digest(question),
            other => Err(format!("cannot {other:?}")),
        }
    }

    fn load(&mut self) -> Value {
        let before = resident();
        let mut watch = Watch::default();
        self.tokenizer = Some(watch.time(|| {
            let tokenizer = bpe_openai::o200k_base();
            tokenizer.encode("Hello world");
            tokenizer
        }));
        let after = resident();
        json!({ "seconds": watch.seconds, "cpuSeconds": watch.cpu,
                "memoryMB": (after - before) / 1e6, "residentMB": after / 1e6 })
    }

    fn read(&mut self, path: &Value) -> Result<(), String> {
        let path = path.as_str().ok_or("no texts")?;
        if self.path != path {
            let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
            let mut file: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            self.slices = serde_json::from_value(file["slices"].take()).map_err(|error| error.to_string())?;
            self.path = path.to_owned();
        }
        Ok(())
    }

    fn measure(&mut self, question: &Value) -> Result<Value, String> {
        self.read(&question["texts"])?;
        let tokenizer = self.tokenizer.ok_or("not loaded")?;
        let start = question["start"].as_u64().unwrap_or(0) as usize;
        let budget = question["budgetSeconds"].as_f64().unwrap_or(1.0);
        let least = question["leastBytes"].as_u64().unwrap_or(0) as usize;
        let is_decode = question["work"] == "decode";
        let (mut watch, mut seconds, mut bytes) = (Watch::default(), vec![], 0);
        for i in 0..self.slices.len() {
            if watch.seconds >= budget && bytes >= least {
                break;
            }
            let texts = &self.slices[(start + i) % self.slices.len()];
            let before = watch.seconds;
            if is_decode {
                let rows: Vec<_> = texts.iter().map(|text| tokenizer.encode(text)).collect();
                watch.time(|| rows.iter().map(|ids| tokenizer.decode(ids)).collect::<Vec<_>>());
            } else {
                watch.time(|| texts.iter().map(|text| tokenizer.encode(text)).collect::<Vec<_>>());
            }
            seconds.push(watch.seconds - before);
            bytes += texts.iter().map(String::len).sum::<usize>();
        }
        Ok(json!({ "seconds": watch.seconds, "cpuSeconds": watch.cpu, "bytes": bytes, "slices": seconds }))
    }

    fn digest(&mut self, question: &Value) -> Result<Value, String> {
        self.read(&question["texts"])?;
        let tokenizer = self.tokenizer.ok_or("not loaded")?;
        let count = question["count"].as_u64().unwrap_or(1) as usize;
        let digests: Vec<_> = self.slices.iter().take(count).map(|texts| {
            let mut hash = Sha256::new();
            for text in texts {
                let ids = tokenizer.encode(text);
                if question["work"] == "decode" {
                    hash.update(tokenizer.decode(&ids).unwrap_or_default());
                    hash.update(b"\0");
                } else {
                    hash_ids(&mut hash, &ids);
                }
            }
            hex(hash)
        }).collect();
        Ok(json!({ "digests": digests }))
    }
}

fn say(value: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}").and_then(|()| out.flush()).expect("standard output is open");
}

fn main() {
    say(&json!({ "versions": { "bpe": "0.2.3", "bpe-openai": "0.3.2" } }));
    let mut contestant = Contestant::default();
    for line in std::io::stdin().lock().lines() {
        let question = serde_json::from_str(&line.expect("lines are UTF-8")).expect("questions are JSON");
        say(&contestant.answer(&question).unwrap_or_else(|error| json!({ "error": error })));
    }
}
