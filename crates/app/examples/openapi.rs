//! Prints the OpenAPI document: `cargo run -p ledgerboard --example openapi > docs/openapi.json`.

fn main() {
    match ledgerboard::api::document().to_pretty_json() {
        Ok(json) => println!("{json}"),
        Err(error) => eprintln!("{error}"),
    }
}
