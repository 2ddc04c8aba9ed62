//! Compiles the extension in one C file against the header of one SQLite, both of which `make crate` puts into native/.

fn main() {
    println!("cargo:rerun-if-changed=native");
    cc::Build::new()
        .file("native/pipeline_health.c")
        .include("native")
        .std("c11")
        .opt_level(3)
        .define("SQLITE_CORE", None)
        .compile("pipeline_health");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").as_deref() == Ok("unix") {
        println!("cargo:rustc-link-lib=m");
    }
}
