using RedLeafSharp.Contracts;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <content>Files, and sendfile.</content>
internal sealed partial class SocketScenario
{
    private string MoveFile(CallContext context, string[] words)
    {
        int file = File(words[1]);
        switch (words[0])
        {
            case "file":
                byte[] letters = [.. Enumerable.Range(0, int.Parse(words[3])).Select(index => (byte)('a' + (index % 26)))];
                int made = system.Open(context, PosixRig.Bytes(words[2]), OpenFlags.Create | OpenFlags.WriteOnly, 0x1B6).Value;
                int written = system.Write(context, made, letters).Value;
                return system.Close(context, made).IsOk && written == letters.Length ? OpenFile(context, words[1], words[2], words[4]) : "not made";
            case "open":
                return OpenFile(context, words[1], words[2], words[3]);
            case "seek":
                return Text(system.Seek(context, file, long.Parse(words[2]), SeekOrigin.Start).Error, "");
            case "at":
                Reply<long, Errno> place = system.Seek(context, file, 0, SeekOrigin.Current);
                return Text(place.Error, place.Value.ToString());
            case "sendall":
                int input = File(words[2]);
                Reply<int, Errno> sent = system.SendFileAt(context, file, input, 0, int.MaxValue);
                while (sent.IsOk)
                {
                    sent = system.SendFileAt(context, file, input, 0, int.MaxValue);
                }

                return sent.Error == Errno.TryAgain ? "ok full" : Text(sent);
            default:
                int count = int.Parse(words[3]);
                return Text(words.Length > 4
                    ? system.SendFileAt(context, file, File(words[2]), (ulong)long.Parse(words[4]), count)
                    : system.SendFile(context, file, File(words[2]), count));
        }
    }

    private string OpenFile(CallContext context, string name, string path, string how)
    {
        OpenFlags flags = how switch
        {
            "w" => OpenFlags.WriteOnly,
            "rw" => OpenFlags.ReadWrite,
            "a" => OpenFlags.WriteOnly | OpenFlags.Append,
            "p" => OpenFlags.Path,
            _ => OpenFlags.ReadOnly,
        };
        Reply<int, Errno> opened = system.Open(context, PosixRig.Bytes(path), flags, 0);
        files[name] = opened.Value;
        return Text(opened.Error, "");
    }
}
