using System.Globalization;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Cli;

/// <summary>A tree of the host as lines: path, mode, links, time, and what is in it.</summary>
internal static class TreeListing
{
    internal static IEnumerable<string> Of(string root) =>
        Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
            .Select(path => Describe(root, HostFile.Read(path)))
            .Order(StringComparer.Ordinal);

    private static string Describe(string root, HostFile file)
    {
        string content = file.Type switch
        {
            FileType.Regular => Convert.ToHexString(File.ReadAllBytes(file.Path)),
            FileType.SymbolicLink => new FileInfo(file.Path).LinkTarget!,
            _ => "",
        };
        uint links = file.Type == FileType.Directory ? 0 : file.LinkCount;
        FileTime time = file.ModificationTime;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetRelativePath(root, file.Path)} {file.Mode:x} {links} {time.Seconds}.{time.Nanoseconds} {content}");
    }
}
