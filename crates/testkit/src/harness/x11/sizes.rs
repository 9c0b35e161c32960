//! Another size of the screen, by the server's own choice, as a program on the desktop has it changed.

use anyhow::{Context, Result, ensure};
use x11rb::CURRENT_TIME;
use x11rb::protocol::randr::{ConnectionExt as _, Crtc, Mode, Output, Rotation, SetConfig};

use super::Desktop;

/// Pixels of a screen that says nothing else are of this size.
const PIXELS_PER_MILLIMETRE: u32 = 4;

impl Desktop {
    /// Changes the screen to the first size that its output offers beside the present one.
    ///
    /// # Errors
    /// When it does not offer any, or refuses.
    pub fn change_size(&self) -> Result<(u16, u16)> {
        let present = self.size()?;
        let connection = &self.connection;
        let offer = connection
            .randr_get_screen_resources(self.root())?
            .reply()?;
        let (crtc, output) = (offer.crtcs.first(), offer.outputs.first());
        let (crtc, output) = (crtc.context("a screen")?, output.context("an output")?);
        let time = offer.config_timestamp;
        let information = connection.randr_get_output_info(*output, time)?.reply()?;
        let mode = offer
            .modes
            .iter()
            .find(|mode| {
                information.modes.contains(&mode.id) && (mode.width, mode.height) != present
            })
            .context("another size is offered")?;
        // The screen may not be smaller than what is shown of it at any moment.
        self.show(*crtc, time, None)?;
        let millimetres = |pixels: u16| u32::from(pixels) / PIXELS_PER_MILLIMETRE;
        connection
            .randr_set_screen_size(
                self.root(),
                mode.width,
                mode.height,
                millimetres(mode.width),
                millimetres(mode.height),
            )?
            .check()?;
        self.show(*crtc, time, Some((mode.id, *output)))?;
        self.size()
    }

    fn show(&self, crtc: Crtc, time: u32, what: Option<(Mode, Output)>) -> Result<()> {
        let (mode, outputs) = match &what {
            Some((mode, output)) => (*mode, std::slice::from_ref(output)),
            None => (x11rb::NONE, [].as_slice()),
        };
        let rotation = Rotation::ROTATE0;
        let answer = self.connection.randr_set_crtc_config(
            crtc,
            CURRENT_TIME,
            time,
            0,
            0,
            mode,
            rotation,
            outputs,
        )?;
        let status = answer.reply()?.status;
        ensure!(status == SetConfig::SUCCESS, "the server says {status:?}");
        Ok(())
    }
}
