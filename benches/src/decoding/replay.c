/* Decodes a recorded stream with libvncclient, from memory: `replay STREAM TIMES PICTURE`.
 *
 * The library reads its socket through two functions that it exports. This program has functions
 * of the same names, which the dynamic linker prefers: they give what was recorded, so that the
 * library pays for no socket, as the other decoders do not. It prints the nanoseconds of processor
 * time that all replays took, and writes the last picture to a file.
 */
#include <rfb/rfbclient.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *stream;
static size_t stream_length, stream_at;

static uint8_t *picture;
static size_t picture_size;

rfbBool ReadFromRFBServer(rfbClient *client, char *out, unsigned int count)
{
    (void)client;
    if (stream_length - stream_at < count)
        return FALSE;
    memcpy(out, stream + stream_at, count);
    stream_at += count;
    return TRUE;
}

rfbBool WriteToRFBServer(rfbClient *client, const char *bytes, unsigned int count)
{
    (void)client, (void)bytes, (void)count;
    return TRUE;
}

/* The picture is kept from one replay to the next, as that of the other decoders is. */
static rfbBool lend_picture(rfbClient *client)
{
    size_t size = (size_t)client->width * client->height * 4;
    if (picture_size < size) {
        picture = realloc(picture, size);
        picture_size = size;
    }
    client->frameBuffer = picture;
    return picture != NULL;
}

static rfbBool replay(void)
{
    rfbClient *client = rfbGetClient(8, 3, 4);
    stream_at = 0;
    client->MallocFrameBuffer = lend_picture;
    client->format.redShift = 16;
    client->format.greenShift = 8;
    client->format.blueShift = 0;
    client->appData.useRemoteCursor = TRUE;
    if (!InitialiseRFBConnection(client))
        return FALSE;
    client->width = client->si.framebufferWidth;
    client->height = client->si.framebufferHeight;
    if (!client->MallocFrameBuffer(client) || !SetFormatAndEncodings(client))
        return FALSE;
    while (stream_at < stream_length)
        if (!HandleRFBServerMessage(client))
            return FALSE;
    client->frameBuffer = NULL;
    rfbClientCleanup(client);
    return TRUE;
}

static long long cpu_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int load(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        return 0;
    stream_length = ftell(file);
    rewind(file);
    stream = malloc(stream_length);
    return stream && fread(stream, 1, stream_length, file) == stream_length && !fclose(file);
}

static int save(const char *path)
{
    FILE *file = fopen(path, "wb");
    return file && fwrite(picture, 1, picture_size, file) == picture_size && !fclose(file);
}

int main(int count, char **arguments)
{
    if (count != 4 || !load(arguments[1]))
        return 2;
    rfbEnableClientLogging = FALSE;
    long long before = cpu_time();
    for (long times = atol(arguments[2]); 0 < times; times--)
        if (!replay())
            return 3;
    printf("%lld\n", cpu_time() - before);
    return save(arguments[3]) ? 0 : 4;
}
