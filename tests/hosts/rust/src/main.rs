//! Rust with rusqlite, with the extension compiled in. See ../../protocol.py for what a host does.

use rusqlite::{params_from_iter, types::ValueRef, Connection, OpenFlags};
use serde_json::{json, Value};
use std::io::{stdin, BufRead};

fn value(cell: ValueRef) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => json!(number),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) | ValueRef::Blob(text) => json!(String::from_utf8_lossy(text)),
    }
}

fn ask(crm: &Connection, question: &str) -> rusqlite::Result<Value> {
    let mut words = question.split('\t');
    let mut statement = crm.prepare(words.next().unwrap_or(""))?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(words))?;
    let mut answer = Vec::new();
    while let Some(row) = rows.next()? {
        answer.push((0..columns).map(|i| row.get_ref(i).map(value)).collect::<rusqlite::Result<Value>>()?);
    }
    Ok(Value::Array(answer))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: host DATABASE")?;
    let crm = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    pipeline_health::load(&crm)?;
    crm.query_row("SELECT pipeline_connect('salesforce')", [], |_| Ok(()))?;
    for line in stdin().lock().lines() {
        match ask(&crm, &line?) {
            Ok(answer) => println!("{answer}"),
            Err(problem) => println!("{}", json!({ "error": problem.to_string() })),
        }
    }
    crm.close().map_err(|(_, problem)| problem)?;
    Ok(())
}
