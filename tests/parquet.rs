//! Claims from Parquet files, against the same claims as CSV.

#![cfg(all(feature = "csv", feature = "parquet"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use discrepancy::corpus::{Corpus, FitOptions, LeftOut, ReadClaimsError, RowProblem};
use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// One column: its declaration and its cells.
enum Column {
    Text(&'static str, Vec<Option<Vec<u8>>>),
    Int32(&'static str, Vec<Option<i32>>),
    Int64(&'static str, Vec<Option<i64>>),
    Double(&'static str, Vec<Option<f64>>),
    Truth(&'static str, Vec<Option<bool>>),
    Bytes(&'static str, Vec<Option<Vec<u8>>>),
}

impl Column {
    fn declaration(&self) -> &'static str {
        match self {
            Self::Text(is, _)
            | Self::Int32(is, _)
            | Self::Int64(is, _)
            | Self::Double(is, _)
            | Self::Truth(is, _)
            | Self::Bytes(is, _) => is,
        }
    }
}

fn texts(cells: &[&str]) -> Vec<Option<Vec<u8>>> {
    cells
        .iter()
        .map(|cell| Some(cell.as_bytes().to_vec()))
        .collect()
}

/// A file in the target folder with these columns, in row groups of `group` rows and small pages.
fn write(name: &str, columns: &[Column], group: usize, compression: Compression) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.parquet"));
    let declarations: String = columns.iter().map(Column::declaration).collect();
    let schema = parse_message_type(&format!("message claims {{ {declarations} }}")).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50)
        .build();
    let file = File::create(&path).unwrap();
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).unwrap();
    let rows = columns
        .iter()
        .map(|column| match column {
            Column::Text(_, cells) | Column::Bytes(_, cells) => cells.len(),
            Column::Int32(_, cells) => cells.len(),
            Column::Int64(_, cells) => cells.len(),
            Column::Double(_, cells) => cells.len(),
            Column::Truth(_, cells) => cells.len(),
        })
        .max()
        .unwrap();
    for start in (0..rows).step_by(group) {
        let rows = start..(start + group).min(rows);
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            let mut out = group.next_column().unwrap().unwrap();
            macro_rules! put {
                ($kind:ty, $cells:expr, $convert:expr) => {{
                    let cells = $cells.get(rows.clone()).unwrap();
                    let levels: Vec<i16> = cells.iter().map(|c| i16::from(c.is_some())).collect();
                    let values: Vec<_> = cells.iter().flatten().map($convert).collect();
                    let levels = column
                        .declaration()
                        .contains("optional")
                        .then_some(&levels[..]);
                    out.typed::<$kind>()
                        .write_batch(&values, levels, None)
                        .unwrap();
                }};
            }
            match column {
                Column::Text(_, cells) => {
                    put!(ByteArrayType, cells, |c: &Vec<u8>| ByteArray::from(
                        c.clone()
                    ));
                }
                Column::Bytes(_, cells) => {
                    put!(FixedLenByteArrayType, cells, |c: &Vec<u8>| {
                        FixedLenByteArray::from(c.clone())
                    });
                }
                Column::Int32(_, cells) => put!(Int32Type, cells, |&c: &i32| c),
                Column::Int64(_, cells) => put!(Int64Type, cells, |&c: &i64| c),
                Column::Double(_, cells) => put!(DoubleType, cells, |&c: &f64| c),
                Column::Truth(_, cells) => put!(BoolType, cells, |&c: &bool| c),
            }
            out.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    path
}

fn read(path: &PathBuf) -> Result<(Corpus, LeftOut), ReadClaimsError> {
    let mut builder = Corpus::builder();
    let left_out = builder.read_parquet(File::open(path).unwrap())?;
    Ok((builder.build(), left_out))
}

fn answers(corpus: &Corpus) -> String {
    let fit = corpus.fit(&FitOptions::default()).unwrap();
    let mut out = Vec::new();
    fit.write_answers(corpus, &mut out).unwrap();
    fit.write_sources(corpus, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The values of column `value` as they are read, in a file with one question and one source for each.
fn said(name: &str, value: Column) -> Vec<String> {
    let rows = match &value {
        Column::Text(_, cells) | Column::Bytes(_, cells) => cells.len(),
        Column::Int32(_, cells) => cells.len(),
        Column::Int64(_, cells) => cells.len(),
        Column::Double(_, cells) => cells.len(),
        Column::Truth(_, cells) => cells.len(),
    };
    let numbers: Vec<String> = (0..rows).map(|row| format!("{row:04}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let columns = [
        Column::Text("required binary question (UTF8);", texts(&numbers)),
        Column::Text("required binary source (UTF8);", texts(&numbers)),
        value,
    ];
    let path = write(name, &columns, 1000, Compression::UNCOMPRESSED);
    let (corpus, left_out) = read(&path).unwrap();
    assert_eq!(left_out.count, 0);
    corpus
        .questions()
        .flat_map(|q| corpus.claims(q))
        .map(|claim| corpus.value_name(claim.1).to_owned())
        .collect()
}

#[test]
fn a_table_is_the_same_as_parquet_and_as_csv() {
    let rows: Vec<[String; 3]> = (0..3000u64)
        .map(|i| {
            let (q, s) = (i / 7, i % 7);
            let value = if (q * s) % 5 == 3 {
                "no"
            } else {
                "yes, \"so\""
            };
            [format!("q{q}"), format!("s{s}"), value.to_owned()]
        })
        .collect();
    let mut csv = String::from("note,value,question,source\n");
    for [question, source, value] in &rows {
        let value = value.replace('"', "\"\"");
        writeln!(csv, "x,\"{value}\",{question},{source}").unwrap();
    }
    let mut builder = Corpus::builder();
    assert_eq!(builder.read_csv(csv.as_bytes()).unwrap().count, 0);
    let expected = answers(&builder.build());
    let column = |at: usize| -> Vec<Option<Vec<u8>>> {
        rows.iter()
            .map(|row| Some(row[at].clone().into_bytes()))
            .collect()
    };
    for (name, compression) in [
        ("plain", Compression::UNCOMPRESSED),
        ("snappy", Compression::SNAPPY),
    ] {
        let columns = [
            Column::Int64("optional int64 note;", vec![None; rows.len()]),
            Column::Text("optional binary value (UTF8);", column(2)),
            Column::Text("required binary question;", column(0)),
            Column::Text("optional binary source (STRING);", column(1)),
        ];
        let (corpus, left_out) = read(&write(name, &columns, 999, compression)).unwrap();
        assert_eq!((corpus.len(), left_out.count), (rows.len(), 0));
        assert_eq!(answers(&corpus), expected);
    }
}

#[test]
fn rows_that_cannot_be_used_are_counted() {
    let long = vec![b'x'; (1 << 20) + 1];
    let some = |text: &str| Some(text.as_bytes().to_vec());
    let columns = [
        Column::Text(
            "optional binary a;",
            vec![some("q"), None, some("q"), some(""), some("q"), some("q")],
        ),
        Column::Text(
            "optional binary b;",
            vec![
                some("s"),
                some("s"),
                some("s"),
                some("s"),
                Some(vec![0xff]),
                some("t"),
            ],
        ),
        Column::Text(
            "optional binary c;",
            vec![some("v"), some("v"), None, some("v"), some("v"), Some(long)],
        ),
    ];
    let (corpus, left_out) = read(&write("bad", &columns, 4, Compression::SNAPPY)).unwrap();
    assert_eq!(corpus.len(), 1);
    let found: Vec<_> = left_out
        .first
        .iter()
        .map(|row| (row.line, row.problem))
        .collect();
    assert_eq!(
        found,
        [
            (2, RowProblem::Empty),
            (3, RowProblem::Empty),
            (4, RowProblem::Empty),
            (5, RowProblem::Text),
            (6, RowProblem::Long),
        ]
    );
}

#[test]
fn numbers_become_text_exactly() {
    let extremes = [i64::MIN, -1, 0, 9_007_199_254_740_993, i64::MAX];
    let plain = said(
        "int64",
        Column::Int64("optional int64 value;", extremes.map(Some).to_vec()),
    );
    assert_eq!(plain, extremes.map(|x| x.to_string()));
    let unsigned = said(
        "uint64",
        Column::Int64(
            "required int64 value (INTEGER(64,false));",
            extremes.map(Some).to_vec(),
        ),
    );
    assert_eq!(unsigned, extremes.map(|x| x.cast_unsigned().to_string()));
    let unsigned = said(
        "uint32",
        Column::Int32("required int32 value (UINT_32);", vec![Some(-1), Some(5)]),
    );
    assert_eq!(unsigned, ["4294967295", "5"]);
    let decimal = said(
        "decimal",
        Column::Int64(
            "required int64 value (DECIMAL(18,2));",
            [0, 5, -5, 123, -12_345, 100].map(Some).to_vec(),
        ),
    );
    assert_eq!(
        decimal,
        ["0.00", "0.05", "-0.05", "1.23", "-123.45", "1.00"]
    );
    let wide = |x: i128| Some(x.to_be_bytes().to_vec());
    let decimal = said(
        "wide",
        Column::Bytes(
            "required fixed_len_byte_array(16) value (DECIMAL(38,1));",
            vec![wide(i128::from(i64::MAX) * 100), wide(-7)],
        ),
    );
    assert_eq!(decimal, ["92233720368547758070.0", "-0.7"]);
    let narrow = Column::Bytes(
        "required fixed_len_byte_array(2) value (DECIMAL(4,0));",
        vec![Some(vec![0xff, 0xfe]), Some(vec![1, 0])],
    );
    assert_eq!(said("narrow", narrow), ["-2", "256"]);
    let days = said(
        "days",
        Column::Int32(
            "required int32 value (DATE);",
            vec![Some(0), Some(-1), Some(19_753)],
        ),
    );
    assert_eq!(days, ["1970-01-01", "1969-12-31", "2024-01-31"]);
    let floats = said(
        "floats",
        Column::Double(
            "required double value;",
            vec![Some(0.1), Some(-3.0), Some(1.0 / 3.0)],
        ),
    );
    assert_eq!(floats, ["0.1", "-3", "0.3333333333333333"]);
    let truths = said(
        "truths",
        Column::Truth("required boolean value;", vec![Some(true), Some(false)]),
    );
    assert_eq!(truths, ["true", "false"]);
}

#[test]
fn what_is_no_table_of_claims_is_refused() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no.parquet");
    for bytes in [
        &b""[..],
        b"question,source,value\n",
        b"PAR1PAR1",
        &[0xff; 100],
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(read(&path), Err(ReadClaimsError::Parquet(_))));
    }
    let two = [
        Column::Text("required binary question;", texts(&["q"])),
        Column::Text("required binary source;", texts(&["s"])),
    ];
    let path = write("two", &two, 1, Compression::UNCOMPRESSED);
    assert!(matches!(
        read(&path),
        Err(ReadClaimsError::Header {
            found: 2,
            wanted: 3
        })
    ));
    let times = [
        Column::Text("required binary question;", texts(&["q"])),
        Column::Text("required binary source;", texts(&["s"])),
        Column::Int64("required int64 value (TIMESTAMP_MILLIS);", vec![Some(0)]),
    ];
    let path = write("times", &times, 1, Compression::UNCOMPRESSED);
    assert!(matches!(read(&path), Err(ReadClaimsError::Column { name }) if name == "value"));
}

/// Every byte of a small file changed in turn: an error or an answer, never a panic.
#[test]
fn broken_files_are_borne() {
    let columns = [
        Column::Text("optional binary question (UTF8);", texts(&["q", "r", "q"])),
        Column::Text("required binary source (UTF8);", texts(&["s", "s", "t"])),
        Column::Int64("required int64 value;", vec![Some(1), Some(2), Some(3)]),
    ];
    let whole = std::fs::read(write("whole", &columns, 2, Compression::UNCOMPRESSED)).unwrap();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("broken.parquet");
    for at in 0..whole.len() {
        for change in [1, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= change;
            std::fs::write(&path, &bytes).unwrap();
            let _ = read(&path);
        }
        std::fs::write(&path, &whole[..at]).unwrap();
        assert!(read(&path).is_err());
    }
}
