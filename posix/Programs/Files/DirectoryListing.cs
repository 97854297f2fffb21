using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>A line of a listing: a name as shown, the path to it, and what it is.</summary>
internal readonly record struct DirectoryLine(string Name, string Path, FileAttributes Attributes);

/// <summary>Prints directories and lists of files as ls does.</summary>
internal sealed class DirectoryListing(Options options)
{
    private const int DepthMax = 2048;
    private const int SectorBytes = 512;
    private const int SectorsPerKibibyte = 2;

    /// <summary>Prints a directory, and with -R those in it.</summary>
    public int PrintDirectory(Libc libc, string path, bool isNamed, int depth)
    {
        Errno error = libc.ListDirectory(path, out List<string> names);
        if (error != Errno.None)
        {
            libc.Complain($"cannot open directory '{path}': {Errors.TextOf(error)}");
            return depth == 0 ? 2 : 1;
        }

        if (options.Has('a'))
        {
            names.InsertRange(0, [".", ".."]);
        }

        int status = Collect(libc, path, names, out List<DirectoryLine> lines);
        if (isNamed)
        {
            libc.PrintLine($"{path}:");
        }

        if (options.Has('l'))
        {
            ulong sectorCount = 0;
            foreach (DirectoryLine line in lines)
            {
                sectorCount += line.Attributes.SectorCount;
            }

            bool isHuman = options.Has('h');
            libc.PrintLine(isHuman
                ? $"total {SizeText.Human(sectorCount * SectorBytes)}"
                : $"total {sectorCount / SectorsPerKibibyte}");
        }

        PrintLines(libc, lines);
        return options.Has('R') ? Math.Max(status, PrintSubdirectories(libc, lines, depth)) : status;
    }

    /// <summary>Prints files.</summary>
    public void PrintLines(Libc libc, List<DirectoryLine> lines)
    {
        Sort(lines);
        if (options.Has('l'))
        {
            LongListing.Print(libc, lines, options);
            return;
        }

        int inodeWidth = 0;
        foreach (DirectoryLine line in lines)
        {
            inodeWidth = Math.Max(inodeWidth, $"{line.Attributes.Inode}".Length);
        }

        foreach (DirectoryLine line in lines)
        {
            libc.Print(options.Has('i') ? Padding.Left($"{line.Attributes.Inode}", inodeWidth) + " " : "");
            libc.PrintLine(line.Name + Mark(line.Attributes.Mode));
        }
    }

    private int Collect(Libc libc, string path, List<string> names, out List<DirectoryLine> lines)
    {
        int status = 0;
        lines = new List<DirectoryLine>();
        bool showsHidden = options.Has('a') || options.Has('A');
        foreach (string name in names)
        {
            if (name[0] == '.' && !showsHidden)
            {
                continue;
            }

            string child = Paths.Join(path, name);
            Errno error = libc.GetAttributes(child, followsLinks: false, out FileAttributes attributes);
            if (error != Errno.None)
            {
                status = libc.Complain($"cannot access '{child}': {Errors.TextOf(error)}");
                continue;
            }

            lines.Add(new DirectoryLine(name, child, attributes));
        }

        return status;
    }

    private void Sort(List<DirectoryLine> lines)
    {
        lines.Sort((left, right) =>
        {
            int order = options.Has('S') ? right.Attributes.SizeBytes.CompareTo(left.Attributes.SizeBytes)
                : options.Has('t') ? TimeOf(right).CompareTo(TimeOf(left))
                : 0;
            order = order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
            return options.Has('r') ? -order : order;
        });
    }

    private static (long Seconds, uint Nanoseconds) TimeOf(DirectoryLine line) =>
        (line.Attributes.ModificationTime.Seconds, line.Attributes.ModificationTime.Nanoseconds);

    private string Mark(uint mode) => !options.Has('F') ? "" : (mode & FileMode.TypeMask) switch
    {
        FileMode.Directory => "/",
        FileMode.SymbolicLink => "@",
        FileMode.Fifo => "|",
        FileMode.Regular when (mode & 0x49) != 0 => "*",
        _ => "",
    };

    private int PrintSubdirectories(Libc libc, List<DirectoryLine> lines, int depth)
    {
        int status = 0;
        foreach (DirectoryLine line in lines)
        {
            bool isDirectory = (line.Attributes.Mode & FileMode.TypeMask) == FileMode.Directory;
            if (isDirectory && line.Name is not ("." or "..") && depth < DepthMax && !libc.IsOutputClosed)
            {
                libc.Print("\n");
                status = Math.Max(status, PrintDirectory(libc, line.Path, isNamed: true, depth + 1));
            }
        }

        return status;
    }
}
