// Keyboard, mouse and touch of the person, sent to the desktop.

/**
 * Wires the keyboard once, for all connections of this page. Returns it, and a function
 * that turns the person's typing to it.
 *
 * @param {object} Guacamole The stock client library.
 * @param {() => (object|undefined)} connected The client to send to, if there is one
 *     that is connected and nothing else on the page has the person's attention.
 */
export function keyboardFor(Guacamole, connected) {
    // The sink is an invisible text field: input methods and dead keys need one.
    const sink = new Guacamole.InputSink();
    document.body.appendChild(sink.getElement());
    sink.focus();

    const keyboard = new Guacamole.Keyboard(document);
    keyboard.listenTo(sink.getElement());
    keyboard.onkeydown = keysym => {
        const client = connected();
        client?.sendKeyEvent(1, keysym);
        // `true` leaves the key to the browser, for the forms of this page.
        return client === undefined;
    };
    keyboard.onkeyup = keysym => connected()?.sendKeyEvent(0, keysym);

    // A key that is let go in another window would stay pressed in the desktop.
    window.addEventListener('blur', () => keyboard.reset());
    return { keyboard, focus: () => sink.focus() };
}

/** Wires mouse and touch to one client's display. Returns the mouse. */
export function mouseFor(Guacamole, client) {
    const display = client.getDisplay();
    const element = display.getElement();
    const mouse = new Guacamole.Mouse(element);
    const touch = new Guacamole.Mouse.Touchscreen(element);

    // Where the browser can show the desktop's cursor itself, it has no lag.
    let native = false;
    display.oncursor = (canvas, x, y) => {
        native = mouse.setCursor(canvas, x, y);
        display.showCursor(!native);
        window.guac.cursors.push({ x, y, width: canvas.width, height: canvas.height });
    };

    const events = ['mousedown', 'mousemove', 'mouseup'];
    mouse.onEach(events, event => {
        display.showCursor(!native);
        client.sendMouseState(event.state, true);
    });
    mouse.on('mouseout', () => display.showCursor(false));
    touch.onEach(events, event => {
        display.showCursor(true);
        client.sendMouseState(event.state, true);
    });
    return mouse;
}
