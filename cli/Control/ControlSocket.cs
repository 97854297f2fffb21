using System.Globalization;
using System.Net.Sockets;
using RedLeafSharp.Cli.CommandLine;

namespace RedLeafSharp.Cli.Control;

/// <summary>Where running systems listen for other commands: a Unix socket for each process, in a folder of the user's own.</summary>
internal static class ControlSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder; XDG_RUNTIME_DIR is the user's own already (XDG Base Directory Specification).</summary>
    internal static string Folder { get; } = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime
        ? Path.Combine(runtime, "redleaf")
        : Path.Combine(Path.GetTempPath(), $"redleaf-{Environment.UserName}");

    /// <summary>The socket of this process.</summary>
    internal static string OwnPath => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}.sock"));

    /// <summary>Makes the folder.</summary>
    /// <returns>False when it is not there afterwards, or is open to others.</returns>
    internal static bool TryMakeFolder()
    {
        try
        {
            Directory.CreateDirectory(Folder, OwnerOnly);
            return File.GetUnixFileMode(Folder) == OwnerOnly;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Connects to the system that listens at a path, or to the only one of this user.</summary>
    /// <exception cref="CommandFailure">There is none, or there are several.</exception>
    internal static Socket Connect(string? path)
    {
        if (path is not null)
        {
            return TryConnect(path) ?? throw new CommandFailure($"{path}: no system listens there");
        }

        string[] candidates = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.sock") : [];
        var alive = new List<(string Path, Socket Socket)>();
        foreach (string candidate in candidates)
        {
            if (TryConnect(candidate) is { } socket)
            {
                alive.Add((candidate, socket));
            }
        }

        if (alive.Count == 1)
        {
            return alive[0].Socket;
        }

        alive.ForEach(one => one.Socket.Dispose());
        throw new CommandFailure(alive.Count == 0
            ? "no system of this user is running"
            : $"{alive.Count} systems are running; say which with --control: {string.Join(", ", alive.Select(one => one.Path))}");
    }

    private static Socket? TryConnect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            // A process that was killed leaves its socket behind. A path of more than 107 bytes can be no socket's (unix(7)).
            socket.Dispose();
            return null;
        }
    }
}
