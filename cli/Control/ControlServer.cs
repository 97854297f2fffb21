using System.Net.Sockets;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.Control;

/// <summary>
/// Takes requests of other commands while a system runs: one line each, <c>reload DOMAIN</c>, <c>load DOMAIN</c> or
/// <c>unload DOMAIN</c>, answered by one line that starts
/// with <c>ok</c> or <c>error</c>.
/// </summary>
internal sealed class ControlServer : IDisposable
{
    /// <summary>A domain's name is far shorter; more is no request.</summary>
    private const int LineCharsMax = 1024;

    private readonly RedLeafSystem system;
    private readonly Socket listener;
    private readonly string path;
    private readonly Thread thread;

    private ControlServer(RedLeafSystem system, Socket listener, string path)
    {
        this.system = system;
        this.listener = listener;
        this.path = path;
        thread = new Thread(Serve) { IsBackground = true, Name = "redleaf-control" };
        thread.Start();
    }

    /// <summary>Listens at a path, or at this process's own place.</summary>
    /// <returns>Null when no path was given and the own place cannot be used: a system runs without as well.</returns>
    /// <exception cref="IOException">Nothing can listen at the given path.</exception>
    internal static ControlServer? Start(RedLeafSystem system, string? path)
    {
        if (path is null && !ControlSocket.TryMakeFolder())
        {
            return null;
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string place = path ?? ControlSocket.OwnPath;
        try
        {
            if (path is null)
            {
                File.Delete(place); // left by a process of the same number that was killed
            }

            listener.Bind(new UnixDomainSocketEndPoint(place));
            listener.Listen();
            return new ControlServer(system, listener, place);
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException
            or ArgumentOutOfRangeException)
        {
            listener.Dispose();
            return path is null ? null : throw new IOException($"{path}: cannot listen: {exception.Message}");
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        thread.Join();
        File.Delete(path);
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                using Socket connection = listener.Accept();
                Answer(connection);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed: nobody is served any more.
        }
    }

    private void Answer(Socket connection)
    {
        // Whoever connects and says nothing must not keep the others waiting.
        connection.ReceiveTimeout = connection.SendTimeout = 5_000;
        try
        {
            using var stream = new NetworkStream(connection);
            using var reader = new StreamReader(stream);
            using var writer = new StreamWriter(stream) { NewLine = "\n" };
            writer.WriteLine(Carry(ReadLine(reader)));
        }
        catch (IOException)
        {
            // The other side has gone, or never said anything.
        }
    }

    private static string ReadLine(StreamReader reader)
    {
        var line = new char[LineCharsMax];
        int length = 0;
        while (length < line.Length && reader.Read() is var character and not -1 and not '\n')
        {
            line[length++] = (char)character;
        }

        return new string(line, 0, length);
    }

    private string Carry(string request)
    {
        try
        {
            switch (request.Split(' ', 2))
            {
                case ["reload", var domain]:
                    system.Reload(domain);
                    return $"ok: the next call to {domain} goes to the newer binary";
                case ["load", var domain]:
                    system.Load(domain);
                    return $"ok: {domain} is ready, and its shadow brings it up";
                case ["unload", var domain]:
                    system.Unload(domain);
                    return $"ok: {domain} is taken out of the system";
                default:
                    return "error: the request is none of 'reload DOMAIN', 'load DOMAIN', 'unload DOMAIN'";
            }
        }
        catch (BootException exception)
        {
            return $"error: {exception.Message}";
        }
    }
}
