using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>Redirections of one command (POSIX.1-2017, XCU 2.7): opens what they name, and closes it afterwards.</summary>
internal sealed class Redirector(Expander expander)
{
    private const uint NewFileMode = 0x1B6;

    private readonly List<int> opened = new();

    /// <summary>Carries out redirections from left to right.</summary>
    /// <returns>False when one failed; that has been said then.</returns>
    public bool Apply(Libc libc, List<Redirection> redirections, ref Streams streams)
    {
        foreach (Redirection redirection in redirections)
        {
            Libc own = libc.With(libc.Arguments, streams);
            int descriptor = redirection.Document is not null
                ? OpenDocument(own, redirection.Document)
                : redirection.Operator is "<&" or ">&" ? Duplicate(own, redirection, streams) : OpenFile(own, redirection);
            if (descriptor < -1)
            {
                return false;
            }

            streams = redirection.Descriptor switch
            {
                0 => streams with { Input = descriptor },
                1 => streams with { Output = descriptor },
                2 => streams with { Error = descriptor },
                _ => streams with { Output = descriptor, Error = descriptor },
            };
        }

        return true;
    }

    /// <summary>Closes what the redirections have opened.</summary>
    public void Close(Libc libc)
    {
        foreach (int descriptor in opened)
        {
            libc.Close(descriptor);
        }
    }

    private int OpenFile(Libc libc, Redirection redirection)
    {
        OpenFlags flags = redirection.Operator switch
        {
            "<" => OpenFlags.ReadOnly,
            "<>" => OpenFlags.ReadWrite | OpenFlags.Create,
            ">>" or "&>>" => OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append,
            _ => OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate,
        };
        string path = expander.ExpandText(libc, redirection.Word);
        Errno error = libc.Open(path, flags, NewFileMode, out int descriptor);
        if (error != Errno.None)
        {
            libc.Complain(path, error);
            return -2;
        }

        opened.Add(descriptor);
        return descriptor;
    }

    private int Duplicate(Libc libc, Redirection redirection, Streams streams)
    {
        string word = expander.ExpandText(libc, redirection.Word);
        switch (word)
        {
            case "-":
                return -1;
            case "0":
                return streams.Input;
            case "1":
                return streams.Output;
            case "2":
                return streams.Error;
            default:
                libc.Complain(word, Errno.BadDescriptor);
                return -2;
        }
    }

    /// <summary>A here-document is a pipe with the whole text in it; longer than a pipe holds it may not be.</summary>
    private int OpenDocument(Libc libc, HereDocument document)
    {
        byte[] text = ByteText.ToBytes(document.IsLiteral ? document.Body : expander.ExpandDocument(libc, document.Body));
        if (text.Length > HereDocumentBytesMax)
        {
            libc.Complain("here-document too long");
            return -2;
        }

        Reply<PipeEnds, Errno> pipe = libc.System.MakePipe(libc.Context);
        if (!pipe.IsOk)
        {
            libc.Complain("cannot make a pipe", Errors.Of(pipe));
            return -2;
        }

        opened.Add(pipe.Value.ReadEnd);
        _ = libc.WriteAll(pipe.Value.WriteEnd, text);
        libc.Close(pipe.Value.WriteEnd);
        return pipe.Value.ReadEnd;
    }

    // What a pipe of the personality holds.
    private const int HereDocumentBytesMax = 64 * 1024;
}
