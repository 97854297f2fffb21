using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>stat: shows the attributes of files, in coreutils' default form or a format of -c.</summary>
public sealed class StatProgram : Utility
{
    private protected override string Synopsis => "[-L] [-c FORMAT] FILE...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "Lc:", "dereference=L format=c");
        if (options.Error is not null || options.Operands.Count == 0)
        {
            return libc.ComplainUsage(options.Error ?? "missing operand");
        }

        int status = 0;
        foreach (string path in options.Operands)
        {
            Errno error = libc.GetAttributes(path, options.Has('L'), out FileAttributes attributes);
            if (error != Errno.None)
            {
                status = libc.Complain($"cannot statx '{path}': {Errors.TextOf(error)}");
            }
            else if (options.ValueOf('c') is { } format)
            {
                libc.PrintLine(Format(libc, format, path, attributes));
            }
            else
            {
                Print(libc, path, attributes);
            }
        }

        return status;
    }

    private static void Print(Libc libc, string path, in FileAttributes file)
    {
        string owner = $"Uid: ({file.UserId,5}/{NameOf(file.UserId),8})   Gid: ({file.GroupId,5}/{NameOf(file.GroupId),8})";
        libc.PrintLine($"  File: {NameWithTarget(libc, path, file, isQuoted: false)}");
        libc.Print($"  Size: {file.SizeBytes,-10}\tBlocks: {file.SectorCount,-10} ");
        libc.PrintLine($"IO Block: {file.BlockBytes,-6} {ModeText.TypeOf(file)}");
        libc.PrintLine($"Device: 8,0\tInode: {file.Inode,-11} Links: {file.LinkCount}");
        libc.PrintLine($"Access: ({OctalOf(file.Mode & FileMode.PermissionMask, 4)}/{ModeText.Of(file.Mode)})  {owner}");
        libc.PrintLine($"Access: {DateText.Full(file.AccessTime)}");
        libc.PrintLine($"Modify: {DateText.Full(file.ModificationTime)}");
        libc.PrintLine($"Change: {DateText.Full(file.ChangeTime)}");
        libc.PrintLine(" Birth: -");
    }

    private static string NameOf(uint id) => id == 0 ? "root" : "UNKNOWN";

    private static string OctalOf(uint value, int digits) => Padding.Left(Convert.ToString(value, 8), digits, '0');

    private static string NameWithTarget(Libc libc, string path, in FileAttributes file, bool isQuoted)
    {
        string quote = isQuoted ? "'" : "";
        bool isLink = (file.Mode & FileMode.TypeMask) == FileMode.SymbolicLink;
        return isLink && libc.ReadLink(path, out string target) == Errno.None
            ? $"{quote}{path}{quote} -> {quote}{target}{quote}"
            : $"{quote}{path}{quote}";
    }

    private static string Format(Libc libc, string format, string path, in FileAttributes file)
    {
        var text = new StringBuilder();
        for (int index = 0; index < format.Length; index++)
        {
            if (format[index] != '%' || index + 1 == format.Length)
            {
                text.Append(format[index]);
                continue;
            }

            index++;
            text.Append(ValueOf(libc, format[index], path, file));
        }

        return text.ToString();
    }

    private static string ValueOf(Libc libc, char letter, string path, in FileAttributes file) => letter switch
    {
        'a' => OctalOf(file.Mode & FileMode.PermissionMask, 1),
        'A' => ModeText.Of(file.Mode),
        'b' => $"{file.SectorCount}",
        'B' => "512",
        'f' => Convert.ToString(file.Mode, 16),
        'F' => ModeText.TypeOf(file),
        'g' => $"{file.GroupId}",
        'G' => NameOf(file.GroupId),
        'h' => $"{file.LinkCount}",
        'i' => $"{file.Inode}",
        'n' => path,
        'N' => NameWithTarget(libc, path, file, isQuoted: true),
        'o' => $"{file.BlockBytes}",
        's' => $"{file.SizeBytes}",
        'u' => $"{file.UserId}",
        'U' => NameOf(file.UserId),
        'x' => DateText.Full(file.AccessTime),
        'X' => $"{file.AccessTime.Seconds}",
        'y' => DateText.Full(file.ModificationTime),
        'Y' => $"{file.ModificationTime.Seconds}",
        'z' => DateText.Full(file.ChangeTime),
        'Z' => $"{file.ChangeTime.Seconds}",
        '%' => "%",
        _ => "?",
    };
}
