using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>
/// What the C library is to a C program: arguments, standard streams, messages, and the calls with strings for paths.
/// </summary>
internal readonly ref struct Libc
{
    private const int ArgumentBytesMax = 128 * 1024;
    private const int FirstArgumentBytes = 4096;

    private readonly OutputStream output;

    public Libc(CallContext context, ISystem system, List<string> arguments, Streams streams)
    {
        Context = context;
        System = system;
        Arguments = arguments;
        Streams = streams;
        output = new OutputStream(streams.Output);
    }

    public CallContext Context { get; }

    public ISystem System { get; }

    /// <summary>The name of the program first.</summary>
    public List<string> Arguments { get; }

    public Streams Streams { get; }

    public string Name => Arguments.Count == 0 ? "?" : Arguments[0];

    /// <summary>Whether the standard output takes no more, and SIGPIPE has not ended the program.</summary>
    public bool IsOutputClosed => output.Error != Errno.None;

    /// <summary>Asks the system for the arguments of this process.</summary>
    public static List<string> ReadArguments(CallContext context, ISystem system)
    {
        var buffer = new byte[FirstArgumentBytes];
        Reply<int, Errno> length = system.GetArguments(context, buffer);
        if (length.Error == Errno.Range)
        {
            buffer = new byte[ArgumentBytesMax];
            length = system.GetArguments(context, buffer);
        }

        return ByteText.FromArguments(buffer.AsSpan(0, length.Value));
    }

    /// <summary>Asks the system for the environment of this process, each variable as "NAME=value".</summary>
    public static List<string> ReadEnvironment(CallContext context, ISystem system)
    {
        var buffer = new byte[FirstArgumentBytes];
        Reply<int, Errno> length = system.GetEnvironment(context, buffer);
        if (length.Error == Errno.Range)
        {
            buffer = new byte[ArgumentBytesMax];
            length = system.GetEnvironment(context, buffer);
        }

        return ByteText.FromArguments(buffer.AsSpan(0, length.Value));
    }

    /// <summary>Starts a program with an environment of its own and three descriptors.</summary>
    public Reply<int, Errno> Spawn(List<string> arguments, List<string> environment, Streams streams) => System.Spawn(
        Context,
        ByteText.ToArguments(arguments),
        ByteText.ToArguments(environment),
        new DescriptorMapping[] { new(streams.Input, 0), new(streams.Output, 1), new(streams.Error, 2) },
        SpawnFlags.OnlyMappedDescriptors);

    /// <summary>The same process with other arguments and streams: a command that the shell runs itself.</summary>
    public Libc With(List<string> arguments, Streams streams) => new(Context, System, arguments, streams);

    public void Print(ReadOnlySpan<char> text) => output.Write(Context, System, text);

    public void Print(ReadOnlySpan<byte> data) => output.Write(Context, System, data);

    public void PrintLine(ReadOnlySpan<char> text)
    {
        output.Write(Context, System, text);
        output.Write(Context, System, "\n"u8);
    }

    public void Flush() => output.Flush(Context, System);

    /// <summary>Writes "program: message" to the standard error.</summary>
    /// <returns>1, the usual exit status of a failure.</returns>
    public int Complain(string message)
    {
        // What has been printed so far comes first, should both streams be one file.
        Flush();
        byte[] line = ByteText.ToBytes($"{Name}: {message}\n");
        _ = System.Write(Context, Streams.Error, line);
        return 1;
    }

    /// <summary>Complains about a file: "program: file: what went wrong".</summary>
    public int Complain(string subject, Errno error) => Complain($"{subject}: {Errors.TextOf(error)}");

    /// <summary>Complains about a wrong use of the program, in the words of coreutils.</summary>
    public int ComplainUsage(string message) => Complain($"{message}\nTry '{Name} --help' for more information.");

    /// <summary>Writes out what is buffered and settles the exit status.</summary>
    public int Finish(int status)
    {
        Flush();
        return output.Error == Errno.None ? status : Complain("write error", output.Error);
    }

    public Errno Open(string path, OpenFlags flags, uint mode, out int descriptor)
    {
        Reply<int, Errno> reply = System.Open(Context, ByteText.ToBytes(path), flags, mode);
        descriptor = reply.IsOk ? reply.Value : -1;
        return Errors.Of(reply);
    }

    public Errno OpenToRead(string path, out int descriptor) => Open(path, OpenFlags.ReadOnly, 0, out descriptor);

    /// <summary>Servers hear of a peer that is gone by an error of the call.</summary>
    public void IgnorePipeSignal()
    {
        const int PipeSignal = 13;
        _ = System.SetSignalIgnored(Context, PipeSignal, isIgnored: true);
    }

    public void Close(int descriptor) => _ = System.Close(Context, descriptor);

    public Errno Read(int descriptor, Span<byte> buffer, out int length)
    {
        Reply<int, Errno> reply = System.Read(Context, descriptor, buffer);
        length = reply.Value;
        return Errors.Of(reply);
    }

    /// <summary>Writes everything, however many calls it takes.</summary>
    public Errno WriteAll(int descriptor, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            Reply<int, Errno> reply = System.Write(Context, descriptor, data);
            if (!reply.IsOk)
            {
                return Errors.Of(reply);
            }

            data = data[reply.Value..];
        }

        return Errno.None;
    }

    public Errno GetAttributes(string path, bool followsLinks, out FileAttributes attributes)
    {
        Reply<FileAttributes, Errno> reply = System.GetAttributes(Context, ByteText.ToBytes(path), followsLinks);
        attributes = reply.Value;
        return Errors.Of(reply);
    }

    /// <summary>Whether a path names a directory, links followed.</summary>
    public bool IsDirectory(string path) =>
        GetAttributes(path, followsLinks: true, out FileAttributes attributes) == Errno.None
        && (attributes.Mode & FileMode.TypeMask) == FileMode.Directory;

    /// <summary>The target of a symbolic link.</summary>
    public Errno ReadLink(string path, out string target)
    {
        var buffer = new byte[4096];
        Reply<int, Errno> reply = System.ReadSymbolicLink(Context, ByteText.ToBytes(path), buffer);
        target = ByteText.ToText(buffer.AsSpan(0, reply.Value));
        return Errors.Of(reply);
    }

    /// <summary>The names in a directory, without "." and "..", in the order of their bytes.</summary>
    public Errno ListDirectory(string path, out List<string> names)
    {
        names = new List<string>();
        Errno error = Open(path, OpenFlags.ReadOnly | OpenFlags.Directory, 0, out int descriptor);
        if (error != Errno.None)
        {
            return error;
        }

        var buffer = new byte[16 * 1024];
        Reply<int, Errno> reply = System.ReadDirectory(Context, descriptor, buffer);
        while (reply.IsOk && reply.Value > 0)
        {
            ReadOnlySpan<byte> listing = buffer.AsSpan(0, reply.Value);
            while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
            {
                if (!entry.Name.SequenceEqual("."u8) && !entry.Name.SequenceEqual(".."u8))
                {
                    names.Add(ByteText.ToText(entry.Name));
                }
            }

            reply = System.ReadDirectory(Context, descriptor, buffer);
        }

        Close(descriptor);
        names.Sort(string.CompareOrdinal);
        return Errors.Of(reply);
    }
}

/// <summary>The descriptors that a command uses as its standard streams; -1 is closed.</summary>
internal readonly record struct Streams(int Input, int Output, int Error)
{
    public static readonly Streams Standard = new(0, 1, 2);
}
