//! The examples' programs, for tests that run them as a user does.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

/// An example's program. `cargo test` and nextest build the examples beside the tests; where only this test was built
/// and they are missing or older than their source, they are built here.
pub(crate) fn program(name: &str) -> PathBuf {
    static BUILD: Once = Once::new();
    let test = std::env::current_exe().expect("this test has a path");
    let profile = test.ancestors().nth(2).expect("it lies in target/*/deps");
    let path = profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    BUILD.call_once(|| {
        let source = format!("{}/examples/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let age = |path: &std::path::Path| path.metadata().and_then(|m| m.modified()).ok();
        if age(&path) < age(source.as_ref()) {
            let target = profile.parent().expect("it lies in target/*");
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut build = Command::new(cargo);
            build
                .args(["build", "--examples", "--target-dir"])
                .arg(target);
            build.current_dir(env!("CARGO_MANIFEST_DIR"));
            if profile.ends_with("release") {
                build.arg("--release");
            }
            assert!(build.status().expect("cargo runs").success());
        }
    });
    path
}
