//! Tight (community specification, "Tight Encoding").

use super::{Area, Decoder, Reader, Stop, inflate::Stream};

/// How the pixels of a rectangle are described.
enum Filter {
    Copy,
    Palette(Vec<u32>),
    Gradient,
}

pub(super) fn decode(
    decoder: &mut Decoder,
    area: Area,
    input: &mut Reader<'_>,
) -> Result<(), Stop> {
    let control = input.u8()?;
    for stream in 0..4 {
        if control >> stream & 1 == 1 {
            decoder.seen.insert("tight reset");
            decoder.tight[stream] = Stream::default();
        }
    }
    let kind = control >> 4;
    match kind {
        8 => {
            decoder.seen.insert("tight fill");
            let color = decoder.format.tight(input)?;
            decoder.canvas.fill(area, color);
            Ok(())
        }
        9 if decoder.format.tight_bytes() == 1 => Err(Stop::Wrong("a JPEG of one byte a pixel")),
        9 => jpeg(decoder, area, input),
        0..=7 | 10 | 14 => {
            let filter = if kind & 4 == 0 {
                Filter::Copy
            } else {
                filter(decoder, input)?
            };
            // The variant without zlib has its second highest bit where the others have a stream.
            let stream = (kind < 8).then_some(usize::from(kind & 3));
            filtered(decoder, area, input, &filter, stream)
        }
        _ => Err(Stop::Wrong("an unknown kind of compression")),
    }
}

fn filter(decoder: &Decoder, input: &mut Reader<'_>) -> Result<Filter, Stop> {
    match input.u8()? {
        0 => Ok(Filter::Copy),
        1 => {
            let count = usize::from(input.u8()?) + 1;
            let colors = (0..count).map(|_| decoder.format.tight(input));
            Ok(Filter::Palette(colors.collect::<Result<_, _>>()?))
        }
        2 if decoder.format.tight_bytes() == 1 => Err(Stop::Wrong("a gradient of indices")),
        2 => Ok(Filter::Gradient),
        _ => Err(Stop::Wrong("an unknown filter")),
    }
}

fn filtered(
    decoder: &mut Decoder,
    area: Area,
    input: &mut Reader<'_>,
    filter: &Filter,
    stream: Option<usize>,
) -> Result<(), Stop> {
    let length = match filter {
        Filter::Palette(colors) if colors.len() <= 2 => area.width.div_ceil(8) * area.height,
        Filter::Palette(_) => area.width * area.height,
        _ => area.width * area.height * decoder.format.tight_bytes(),
    };
    decoder.seen.insert(match filter {
        Filter::Copy => "tight copy",
        Filter::Palette(colors) if colors.len() <= 2 => "tight two colours",
        Filter::Palette(_) => "tight palette",
        Filter::Gradient => "tight gradient",
    });
    let plain = if length < 12 {
        decoder.seen.insert("tight short");
        input.take(length)?.to_vec()
    } else {
        let length = compact_length(input)?;
        let data = input.take(length)?;
        match stream {
            Some(stream) => decoder.tight[stream].inflate(data)?,
            None => data.to_vec(),
        }
    };
    let mut plain = Reader::new(&plain);
    let colors = plain.whole(|plain| match filter {
        Filter::Copy => area.places().map(|_| decoder.format.tight(plain)).collect(),
        Filter::Palette(colors) => indices(colors, area, plain),
        Filter::Gradient => gradient(decoder, area, plain),
    })?;
    decoder.canvas.draw(area, &colors);
    plain.at_end()
}

fn indices(palette: &[u32], area: Area, plain: &mut Reader<'_>) -> Result<Vec<u32>, Stop> {
    let color = |index: u8| {
        let color = palette.get(usize::from(index)).copied();
        color.ok_or(Stop::Wrong("an index beyond its palette"))
    };
    let mut colors = Vec::new();
    for _ in 0..area.height {
        if palette.len() <= 2 {
            let row = plain.take(area.width.div_ceil(8))?;
            for x in 0..area.width {
                colors.push(color(row[x / 8] >> (7 - x % 8) & 1)?);
            }
        } else {
            for index in plain.take(area.width)? {
                colors.push(color(*index)?);
            }
        }
    }
    Ok(colors)
}

/// Each part of a colour is the difference from what its neighbours to the left, above and above
/// left suggest; what lies outside the rectangle is black.
fn gradient(decoder: &Decoder, area: Area, plain: &mut Reader<'_>) -> Result<Vec<u32>, Stop> {
    let max = decoder.format.max();
    let mut rows = vec![vec![[0_u32; 3]; area.width + 1]; area.height + 1];
    let mut colors = Vec::new();
    for y in 1..=area.height {
        for x in 1..=area.width {
            let difference = decoder.format.tight_parts(plain)?;
            let Ok(difference) = difference else {
                return Err(Stop::Wrong("a gradient of indices"));
            };
            for part in 0..3 {
                let (left, above) = (rows[y][x - 1][part], rows[y - 1][x][part]);
                let suggested =
                    i64::from(left) + i64::from(above) - i64::from(rows[y - 1][x - 1][part]);
                let suggested = suggested.clamp(0, max[part].into()) as u32;
                rows[y][x][part] = (suggested + difference[part]) % (max[part] + 1);
            }
            colors.push(decoder.format.color_of(rows[y][x]));
        }
    }
    Ok(colors)
}

fn jpeg(decoder: &mut Decoder, area: Area, input: &mut Reader<'_>) -> Result<(), Stop> {
    decoder.seen.insert("tight jpeg");
    let length = compact_length(input)?;
    let data = input.take(length)?;
    let Some(decode) = decoder.jpeg else {
        decoder.undecoded.push(area);
        return Ok(());
    };
    let colors = decode(data, area.width, area.height).ok_or(Stop::Wrong("a damaged JPEG"))?;
    decoder.canvas.draw(area, &colors);
    Ok(())
}

/// Seven bits in each of the first two bytes, the lowest first, eight in the third.
fn compact_length(input: &mut Reader<'_>) -> Result<usize, Stop> {
    let first = usize::from(input.u8()?);
    if first < 0x80 {
        return Ok(first);
    }
    let second = usize::from(input.u8()?);
    let two = first & 0x7f | (second & 0x7f) << 7;
    if second < 0x80 {
        return Ok(two);
    }
    Ok(two | usize::from(input.u8()?) << 14)
}
