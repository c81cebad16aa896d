//! Claims from Parquet files, in one pass.

use std::fmt::Write as _;
use std::fs::File;
use std::ops::Range;

use chrono::{NaiveDate, TimeDelta};
use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use super::builder::CorpusBuilder;
use super::read::{LONGEST, LeftOut, ReadClaimsError, RowProblem};

/// Rows taken from each column at a time.
const BATCH: usize = 4096;

impl CorpusBuilder {
    /// Adds the claims of a Parquet file: columns `question`, `source` and `value`, or else the first three. Rows that cannot be used
    /// are left out and returned; their lines are counted from 1, without a header.
    ///
    /// A column holds texts, or what becomes text exactly: whole numbers, decimals (with all their digits), truth values, dates
    /// (`2024-01-31`) and floats (the shortest digits that read back the same). Pages may be plain or compressed with Snappy, and with
    /// whatever else the crate `parquet` is built for: a program that depends on it with its feature `zstd` reads that, too.
    ///
    /// # Errors
    ///
    /// [`ReadClaimsError`] where the file as a whole cannot be used.
    ///
    /// # Complexity
    ///
    /// O(claims) time; besides the claims, memory for one page of each of the three columns. A page has at most 2 GiB, usually 1 MiB.
    pub fn read_parquet(&mut self, file: File) -> Result<LeftOut, ReadClaimsError> {
        let reader = guarded(|| SerializedFileReader::new(file))?;
        let columns = choose(reader.metadata().file_metadata().schema_descr())?;
        let mut left_out = LeftOut::default();
        let mut line = 0;
        for group in 0..reader.num_row_groups() {
            let group = guarded(|| reader.get_row_group(group))?;
            let open = |column: &Column| guarded(|| Cells::open(column, group.as_ref()));
            let [question, source, value] = &columns;
            let mut cells = [open(question)?, open(source)?, open(value)?];
            loop {
                let mut rows = [0; 3];
                for (rows, cells) in rows.iter_mut().zip(&mut cells) {
                    *rows = guarded(|| cells.fill())?;
                }
                if rows.iter().any(|&n| n != rows[0]) {
                    return Err(broken(ParquetError::General(
                        "columns of different lengths".to_owned(),
                    )));
                }
                if rows[0] == 0 {
                    break;
                }
                for row in 0..rows[0] {
                    line += 1;
                    let [question, source, value] = &cells;
                    let taken = match (question.get(row), source.get(row), value.get(row)) {
                        (Ok(question), Ok(source), Ok(value)) => {
                            self.claim_fields(question, source, value)?
                        }
                        (Err(problem), ..) | (_, Err(problem), _) | (.., Err(problem)) => {
                            Err(problem)
                        }
                    };
                    if let Err(problem) = taken {
                        left_out.add(line, problem);
                    }
                }
            }
        }
        Ok(left_out)
    }
}

/// Calls the crate `parquet`, which panics on some broken files; here that is an error like any other. Nothing that it was working on
/// is used afterwards.
fn guarded<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ReadClaimsError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call))
        .unwrap_or_else(|_| {
            Err(ParquetError::General(
                "it is broken in a way that is not told".to_owned(),
            ))
        })
        .map_err(broken)
}

fn broken(error: ParquetError) -> ReadClaimsError {
    ReadClaimsError::Parquet(Box::new(error))
}

/// How the cells of a column become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Signed,
    Unsigned,
    /// With so many digits after the point.
    Decimal(usize),
    Date,
    Float,
    Truth,
}

#[derive(Debug, Clone, Copy)]
struct Column {
    at: usize,
    form: Form,
    /// Whether cells may be missing.
    optional: bool,
}

/// The three columns by name or, where a name is missing, the first three.
fn choose(schema: &SchemaDescriptor) -> Result<[Column; 3], ReadClaimsError> {
    let place = |name: &str| {
        schema
            .columns()
            .iter()
            .position(|column| column.path().string() == name)
    };
    let places = ["question", "source", "value"].map(place);
    let [Some(question), Some(source), Some(value)] = (if places.iter().all(Option::is_some) {
        places
    } else {
        [0, 1, 2].map(|at| (at < schema.num_columns()).then_some(at))
    }) else {
        return Err(ReadClaimsError::Header {
            found: schema.num_columns(),
            wanted: 3,
        });
    };
    let column = |at: usize| {
        let column = schema.column(at);
        let flat = column.max_rep_level() == 0 && column.max_def_level() <= 1;
        match form(&column) {
            Some(form) if flat => Ok(Column {
                at,
                form,
                optional: column.max_def_level() > 0,
            }),
            _ => Err(ReadClaimsError::Column {
                name: column.path().string(),
            }),
        }
    };
    Ok([column(question)?, column(source)?, column(value)?])
}

fn form(column: &ColumnDescriptor) -> Option<Form> {
    // Old files have only the older of the two ways to say what a column means.
    let decimal = |scale: i32| {
        usize::try_from(scale)
            .ok()
            .filter(|&scale| scale <= 100)
            .map(Form::Decimal)
    };
    let whole = |signed: bool| if signed { Form::Signed } else { Form::Unsigned };
    let meaning = match (column.logical_type_ref(), column.converted_type()) {
        (None, ConvertedType::NONE) => None,
        (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), _)
        | (None, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON) => {
            Some(Form::Text)
        }
        (Some(LogicalType::Integer(kind)), _) => Some(whole(kind.is_signed)),
        (
            None,
            ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64,
        ) => Some(Form::Signed),
        (
            None,
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64,
        ) => Some(Form::Unsigned),
        (Some(LogicalType::Decimal(kind)), _) => Some(decimal(kind.scale)?),
        (None, ConvertedType::DECIMAL) => Some(decimal(column.type_scale())?),
        (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Some(Form::Date),
        _ => return None,
    };
    match (column.physical_type(), meaning) {
        (Physical::BYTE_ARRAY, None) => Some(Form::Text),
        (Physical::INT32 | Physical::INT64, None) => Some(Form::Signed),
        (Physical::FLOAT | Physical::DOUBLE, None) => Some(Form::Float),
        (Physical::BOOLEAN, None) => Some(Form::Truth),
        (Physical::BYTE_ARRAY, Some(form @ (Form::Text | Form::Decimal(_))))
        | (Physical::FIXED_LEN_BYTE_ARRAY, Some(form @ Form::Decimal(_)))
        | (
            Physical::INT32 | Physical::INT64,
            Some(form @ (Form::Signed | Form::Unsigned | Form::Decimal(_))),
        )
        | (Physical::INT32, Some(form @ Form::Date)) => Some(form),
        _ => None,
    }
}

/// Some rows of one column, as text.
struct Cells {
    reader: ColumnReader,
    form: Form,
    optional: bool,
    /// Texts as they lie in the page, so that a long one used often takes no more room than once.
    arrays: Vec<ByteArray>,
    /// All other texts.
    written: String,
    places: Vec<Place>,
}

enum Place {
    Array(usize),
    Written(Range<usize>),
    Bad(RowProblem),
}

impl Cells {
    fn open(column: &Column, group: &dyn RowGroupReader) -> Result<Self, ParquetError> {
        Ok(Self {
            reader: group.get_column_reader(column.at)?,
            form: column.form,
            optional: column.optional,
            arrays: Vec::new(),
            written: String::new(),
            places: Vec::new(),
        })
    }

    /// The next rows in place of those before; returns how many, 0 at the end.
    fn fill(&mut self) -> Result<usize, ParquetError> {
        let (form, optional) = (self.form, self.optional);
        let Self {
            reader,
            arrays,
            written,
            places,
            ..
        } = self;
        arrays.clear();
        written.clear();
        places.clear();
        match reader {
            ColumnReader::ByteArrayColumnReader(reader) if form == Form::Text => {
                let present = take(reader, optional, arrays)?;
                let mut next = 0;
                places.extend(present.into_iter().map(|present| {
                    if !present {
                        return Place::Bad(RowProblem::Empty);
                    }
                    next += 1;
                    Place::Array(next - 1)
                }));
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                write(reader, optional, written, places, |x, text| {
                    bytes(x.data(), form, text)
                })?;
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                write(reader, optional, written, places, |x, text| {
                    bytes(x.data(), form, text)
                })?;
            }
            ColumnReader::Int32ColumnReader(reader) => {
                write(reader, optional, written, places, |&x, text| match form {
                    Form::Unsigned => say(x.cast_unsigned(), text),
                    _ => whole(i128::from(x), form, text),
                })?;
            }
            ColumnReader::Int64ColumnReader(reader) => {
                write(reader, optional, written, places, |&x, text| match form {
                    Form::Unsigned => say(x.cast_unsigned(), text),
                    _ => whole(i128::from(x), form, text),
                })?;
            }
            ColumnReader::FloatColumnReader(reader) => {
                write(reader, optional, written, places, |x, text| say(x, text))?;
            }
            ColumnReader::DoubleColumnReader(reader) => {
                write(reader, optional, written, places, |x, text| say(x, text))?;
            }
            ColumnReader::BoolColumnReader(reader) => {
                write(reader, optional, written, places, |x, text| say(x, text))?;
            }
            ColumnReader::Int96ColumnReader(_) => {
                return Err(ParquetError::General("96-bit numbers".to_owned()));
            }
        }
        Ok(places.len())
    }

    fn get(&self, row: usize) -> Result<&str, RowProblem> {
        match self.places.get(row) {
            Some(Place::Array(at)) => {
                let text = self.arrays.get(*at).map_or(&[][..], ByteArray::data);
                if text.len() > LONGEST {
                    return Err(RowProblem::Long);
                }
                std::str::from_utf8(text).map_err(|_| RowProblem::Text)
            }
            Some(Place::Written(place)) => self.written.get(place.clone()).ok_or(RowProblem::Text),
            Some(Place::Bad(problem)) => Err(*problem),
            None => Err(RowProblem::Short),
        }
    }
}

/// The next values of a column, and for each row whether it has one.
fn take<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    optional: bool,
    values: &mut Vec<T::T>,
) -> Result<Vec<bool>, ParquetError> {
    let mut levels = Vec::new();
    let (rows, present, _) =
        reader.read_records(BATCH, optional.then_some(&mut levels), None, values)?;
    let told = if optional {
        levels.iter().filter(|&&level| level > 0).count()
    } else {
        rows
    };
    if present != told || present != values.len() || (optional && rows != levels.len()) {
        return Err(ParquetError::General(
            "a page with too few values".to_owned(),
        ));
    }
    Ok(if optional {
        levels.into_iter().map(|level| level > 0).collect()
    } else {
        vec![true; rows]
    })
}

fn write<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    optional: bool,
    written: &mut String,
    places: &mut Vec<Place>,
    mut put: impl FnMut(&T::T, &mut String) -> Result<(), RowProblem>,
) -> Result<(), ParquetError> {
    let mut values = Vec::new();
    let present = take(reader, optional, &mut values)?;
    let mut values = values.iter();
    places.extend(present.into_iter().map(|present| {
        let start = written.len();
        let value = if present { values.next() } else { None };
        match value.map(|value| put(value, written)) {
            Some(Ok(())) => Place::Written(start..written.len()),
            Some(Err(problem)) => Place::Bad(problem),
            None => Place::Bad(RowProblem::Empty),
        }
    }));
    Ok(())
}

fn say(x: impl std::fmt::Display, text: &mut String) -> Result<(), RowProblem> {
    write!(text, "{x}").map_err(|_| RowProblem::Range)
}

/// A whole number, as what its column means by it.
fn whole(x: i128, form: Form, text: &mut String) -> Result<(), RowProblem> {
    match form {
        Form::Decimal(0) => say(x, text),
        Form::Decimal(scale) => {
            let digits = format!("{:0>width$}", x.unsigned_abs(), width = scale + 1);
            let (before, after) = digits.split_at(digits.len() - scale);
            let sign = if x < 0 { "-" } else { "" };
            say(format_args!("{sign}{before}.{after}"), text)
        }
        Form::Date => {
            let days = i64::try_from(x).ok().and_then(TimeDelta::try_days);
            let day = days.and_then(|days| NaiveDate::default().checked_add_signed(days));
            say(day.ok_or(RowProblem::Range)?, text)
        }
        _ => say(x, text),
    }
}

/// A decimal as its digits lie in bytes: two's complement, the highest first.
fn bytes(x: &[u8], form: Form, text: &mut String) -> Result<(), RowProblem> {
    let mut wide = if x.first().is_some_and(|&first| first >= 0x80) {
        [0xff; 16]
    } else {
        [0; 16]
    };
    let start = wide.len().checked_sub(x.len()).ok_or(RowProblem::Range)?;
    for (to, from) in wide.iter_mut().skip(start).zip(x) {
        *to = *from;
    }
    whole(i128::from_be_bytes(wide), form, text)
}
