using System.Text;
using RedLeafSharp.Cli.CommandLine;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Cli.Host;

/// <summary>
/// The POSIX calls as a program of the host uses them: paths are strings, an error is a <see cref="CommandFailure"/> that names
/// the path.
/// </summary>
internal readonly ref struct GuestFiles
{
    private const int PathBytesMax = 4096;
    private const int ListingBytes = 32 * 1024;

    private readonly CallContext context;
    private readonly ISystem system;

    internal GuestFiles(CallContext context, ISystem system)
    {
        this.context = context;
        this.system = system;
    }

    internal long UptimeMicros => context.UptimeMicros;

    internal static string Combine(string folder, string name) => folder == "/" ? "/" + name : $"{folder}/{name}";

    internal int Open(string path, OpenFlags flags, uint mode = 0) => Check(system.Open(context, Bytes(path), flags, mode), path);

    internal void Close(int descriptor) => Check(system.Close(context, descriptor), "close");

    internal int Read(string path, int descriptor, Span<byte> buffer) => Check(system.Read(context, descriptor, buffer), path);

    /// <summary>Writes everything.</summary>
    internal void Write(string path, int descriptor, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int written = Check(system.Write(context, descriptor, data), path);
            data = written > 0 ? data[written..] : throw new CommandFailure($"{path}: nothing could be written");
        }
    }

    internal Contracts.FileAttributes GetAttributes(string path) =>
        Check(system.GetAttributes(context, Bytes(path), followsLinks: false), path);

    internal bool Exists(string path) => system.GetAttributes(context, Bytes(path), followsLinks: false).IsOk;

    internal void MakeDirectory(string path, uint mode) => Check(system.MakeDirectory(context, Bytes(path), mode), path);

    internal void MakeSymbolicLink(string target, string path) =>
        Check(system.MakeSymbolicLink(context, Bytes(target), Bytes(path)), path);

    /// <summary>Makes way for a new file of this name. What cannot be removed is reported when the file is made.</summary>
    internal void Replace(string path) => _ = system.Unlink(context, Bytes(path));

    internal void Link(string path, string newPath) => Check(system.Link(context, Bytes(path), Bytes(newPath)), newPath);

    internal string ReadSymbolicLink(string path)
    {
        var target = new byte[PathBytesMax];
        return Encoding.UTF8.GetString(target, 0, Check(system.ReadSymbolicLink(context, Bytes(path), target), path));
    }

    /// <summary>Permissions and time; of a symbolic link the time only.</summary>
    internal void SetAttributes(string path, uint mode, FileTime modificationTime, bool isLink)
    {
        var change = new FileAttributesChange
        {
            Fields = FileAttributeFields.ModificationTime | (isLink ? FileAttributeFields.None : FileAttributeFields.Mode),
            Mode = mode & Contracts.FileMode.PermissionMask,
            ModificationTime = modificationTime,
        };
        Check(system.SetAttributes(context, Bytes(path), change, followsLinks: false), path);
    }

    /// <summary>The names in a directory, sorted, without "." and "..".</summary>
    internal IReadOnlyList<string> List(string path)
    {
        var names = new List<string>();
        var buffer = new byte[ListingBytes];
        int descriptor = Open(path, OpenFlags.Directory);
        while (Check(system.ReadDirectory(context, descriptor, buffer), path) is var length and > 0)
        {
            ReadOnlySpan<byte> listing = buffer.AsSpan(0, length);
            while (DirectoryEntry.TryRead(ref listing, out DirectoryEntry entry))
            {
                string name = Encoding.UTF8.GetString(entry.Name);
                if (name is not ("." or ".."))
                {
                    names.Add(name);
                }
            }
        }

        Close(descriptor);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    internal void Sync() => Check(system.Sync(context), "sync");

    private static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path);

    private static TValue Check<TValue>(Reply<TValue, Errno> reply, string path)
        where TValue : unmanaged
    {
        if (reply.IsOk)
        {
            return reply.Value;
        }

        throw new CommandFailure($"{path}: {(reply.IsFault ? $"fault: {reply.Fault}" : ErrnoText.Of(reply.Error))}");
    }
}
