//! The desktop picture: framebuffer, damage, planner, frame pacing.
