/** Loads one of the stock builds, as a plain script as the web application does. */
export function loadClient(version) {
    // The builds end with `module.exports = …`, which a browser does not have.
    window.module = {};
    return new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.src = `client/${encodeURIComponent(version)}.js`;
        script.onload = resolve;
        script.onerror = () => reject(new Error('no such client'));
        document.head.appendChild(script);
    });
}
