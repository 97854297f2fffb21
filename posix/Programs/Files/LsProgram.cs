using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>ls: lists directories, one name a line, in the order of the names' bytes.</summary>
public sealed class LsProgram : Utility
{
    // What coreutils' ls returns for a file that was named and is not there.
    private const int StatusSerious = 2;

    private protected override string Synopsis => "[-laA1RdihFCrStn] [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(
            libc.Arguments,
            "laA1RdihFCrStn",
            "all=a almost-all=A recursive=R directory=d inode=i human-readable=h reverse=r");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error) + 1;
        }

        List<string> operands = options.Operands;
        if (operands.Count == 0)
        {
            operands.Add(".");
        }

        int status = 0;
        var files = new List<DirectoryLine>();
        var directories = new List<string>();
        operands.Sort(string.CompareOrdinal);
        foreach (string path in operands)
        {
            // A link that is named is followed to a directory, except in a long listing.
            bool followsLinks = !options.Has('l') && !options.Has('d');
            Errno error = libc.GetAttributes(path, followsLinks, out FileAttributes attributes);
            if (error == Errno.NoEntry && followsLinks)
            {
                error = libc.GetAttributes(path, followsLinks: false, out attributes);
            }

            if (error != Errno.None)
            {
                libc.Complain($"cannot access '{path}': {Errors.TextOf(error)}");
                status = StatusSerious;
            }
            else if ((attributes.Mode & FileMode.TypeMask) == FileMode.Directory && !options.Has('d'))
            {
                directories.Add(path);
            }
            else
            {
                files.Add(new DirectoryLine(path, path, attributes));
            }
        }

        var listing = new DirectoryListing(options);
        listing.PrintLines(libc, files);
        return Math.Max(status, PrintDirectories(libc, listing, directories, options, files.Count > 0, operands.Count > 1));
    }

    private static int PrintDirectories(
        Libc libc, DirectoryListing listing, List<string> directories, Options options, bool isAfterFiles, bool isNamed)
    {
        int status = 0;
        bool isFirst = !isAfterFiles;
        foreach (string path in directories)
        {
            if (!isFirst)
            {
                libc.Print("\n");
            }

            isFirst = false;
            status = Math.Max(status, listing.PrintDirectory(libc, path, isNamed || options.Has('R'), depth: 0));
        }

        return status;
    }
}
