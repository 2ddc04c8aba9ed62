//! The extension of SQLite pipeline_health, compiled into a program that uses [rusqlite].
//!
//! ```no_run
//! let crm = rusqlite::Connection::open("crm.db")?;
//! pipeline_health::load(&crm)?;
//! crm.query_row("SELECT pipeline_connect('salesforce')", [], |_| Ok(()))?;
//! # Ok::<(), rusqlite::Error>(())
//! ```

use rusqlite::{ffi, Connection, Error, Result};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};

extern "C" {
    fn sqlite3_pipelinehealth_init(
        db: *mut ffi::sqlite3,
        error_message: *mut *mut c_char,
        api: *const ffi::sqlite3_api_routines,
    ) -> c_int;
}

/// Registers every table and function on an open connection. Writes nothing to any database.
pub fn load(connection: &Connection) -> Result<()> {
    let mut message: *mut c_char = std::ptr::null_mut();
    // SAFETY: the handle is open as long as the connection is borrowed; a static build takes no table of routines.
    let code = unsafe { sqlite3_pipelinehealth_init(connection.handle(), &mut message, std::ptr::null()) };
    if code == ffi::SQLITE_OK {
        return Ok(());
    }
    let text = (!message.is_null()).then(|| {
        // SAFETY: a message is text that ends with a zero byte, in SQLite's memory, and is ours to free.
        unsafe {
            let text = CStr::from_ptr(message).to_string_lossy().into_owned();
            ffi::sqlite3_free(message.cast());
            text
        }
    });
    Err(Error::SqliteFailure(ffi::Error::new(code), text))
}
